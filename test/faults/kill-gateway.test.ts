import { type RowDataPacket } from 'mysql2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { grantView } from '../../src/contracts/grant.js';
import { COM_QUERY } from '../../src/wire/mysql/commands.js';
import { type ProcessName, useBroker } from '../support/broker.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { RawClient } from '../support/clients/raw.js';
import { rootLogin } from '../support/databases.js';
import { engines, servers } from '../support/engines.js';
import { bodyOf, callApi } from '../support/http.js';
import { type Recorded } from '../support/recorded.js';
import {
  NOTHING_LEFT,
  type Task,
  type TestTarget,
  askForGrant,
  makeTarget,
  openTask,
  sealedRecording,
  tracesOf,
  untilOver,
} from '../support/task.js';
import { type Moment, type TripwireProxy, startTripwireProxy } from '../support/tripwire-proxy.js';

const LEASE_SECONDS = '3';

let stateOfGateway: TripwireProxy;
let stateOfWorker: TripwireProxy;

const broker = useBroker({
  env: { GATEWAY_LEASE_SECONDS: LEASE_SECONDS, REAP_EVERY_SECONDS: '1', OPEN_WAIT_SECONDS: '1' },
  envOf: async (env) => {
    const url = new URL(env['DATABASE_URL'] ?? '');
    const address = { host: url.hostname, port: Number(url.port) };
    [stateOfGateway, stateOfWorker] = [await startTripwireProxy(address), await startTripwireProxy(address)];
    const through = ({ port }: TripwireProxy): { DATABASE_URL: string } => {
      url.port = String(port);
      return { DATABASE_URL: url.href };
    };
    return { gateway: through(stateOfGateway), worker: through(stateOfWorker) };
  },
});

afterAll(async () => {
  await Promise.all([stateOfGateway?.close(), stateOfWorker?.close()]);
});

/** Where the process dies: at a text on its way, before it is forwarded or before its answer comes back. */
interface Step {
  readonly step: string;
  readonly moment: Moment;
  readonly text: RegExp;
}

const bothMoments = (step: string, text: RegExp): readonly Step[] => [
  { step, moment: 'before', text },
  { step, moment: 'after', text },
];

const OPENING = [
  ...bothMoments('CREATE USER', /CREATE USER/),
  ...bothMoments('the first GRANT', /GRANT SELECT/),
  ...bothMoments('the second GRANT', /GRANT INSERT/),
];
const CLOSING = [
  ...bothMoments('the lock of the account', /ALTER USER .* ACCOUNT LOCK/),
  ...bothMoments('KILL', /KILL CONNECTION/),
  ...bothMoments('DROP USER', /DROP USER/),
  { step: 'the look that all is gone', moment: 'before', text: /COUNT\(\*\) FROM mysql\.user/ } as const,
];
const OPENING_IN_STATE = [
  ...bothMoments('the claim', /UPDATE .*grants.* SET .*gateway_id/i),
  ...bothMoments('the change to active', /UPDATE .*grants.*'active'/i),
];
const CLOSING_IN_STATE = bothMoments('the mark of the end', /UPDATE .*grants.*SET .*ended_at/i);

async function killAt(proxy: TripwireProxy, { text, moment }: Step, name: ProcessName): Promise<void> {
  await proxy.arm({ text, moment, onTrip: () => broker().kill(name) });
}

/** Waits until a grant is over, and gives its recording unless it was refused. */
async function over(id: string): Promise<Recorded | null> {
  const { state } = await untilOver(broker(), id);
  return state === 'sealed' ? sealedRecording(broker(), id) : null;
}

async function newestGrant(): Promise<string> {
  const answer = await callApi(broker(), 'operator', { method: 'GET', path: '/v1/grants?limit=1' });
  const [newest] = bodyOf(answer, grantView.array().min(1).transform((items) => items).or(pageOfGrants));
  if (newest === undefined) throw new Error('There is no grant');
  return newest.id;
}

const pageOfGrants = grantView
  .array()
  .transform((items) => items)
  .pipe(grantView.array());
