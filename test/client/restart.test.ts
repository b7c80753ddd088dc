import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectDoorwarden } from '../../src/client/doorwarden-client.js';
import { openGrant } from '../../src/client/open-grant.js';
import { decide } from '../support/approvals.js';
import { servers } from '../support/engines.js';
import { type FurtherApi, startFurtherApi } from '../support/further-api.js';
import { registerShop, type ShopTarget } from '../support/grants.js';
import { useSharedBroker } from '../support/shared-broker.js';

const broker = useSharedBroker(`
@id("grants") @hold("10m") permit (principal, action == Action::"requestGrant", resource) when { context.approved };
`);
let shop: ShopTarget;
/** Beside that of the broker, which decides while this one is away; the tests stop it and start it again. */
let api: FurtherApi;

beforeAll(async () => {
  api = await startFurtherApi(broker());
  shop = await registerShop(broker(), servers().mariadb);
});
afterAll(() => Promise.all([shop?.drop(), api?.stop()]));

it('a program waits on for people while the api that it asks is stopped and started again, and then closes', async () => {
  const first = api;
  const client = connectDoorwarden({ api: first.api, credential: broker().keys.agent });
  let second = first;
  const restart = async (approval: string): Promise<void> => {
    await first.stop();
    await decide(broker(), approval, { decision: 'approve' });
    second = await startFurtherApi(broker(), { env: { API_PORT: String(first.port) } });
  };
  let restarting: Promise<void> | undefined;
  const request = { target: shop.name, task: { title: 'Wait through a restart' }, ttlSeconds: 600 };
  const opened = await openGrant(client, request, {
    onProgress(progress) {
      if (progress.kind === 'waits-for-people') restarting ??= restart(progress.approval);
    },
  });
  await restarting;
  expect(opened.connection.password).not.toBe('');
  // The api is away when the work is done, and back in time.
  await second.stop();
  const closing = opened.close({ waitSeconds: 30 });
  api = await startFurtherApi(broker(), { env: { API_PORT: String(first.port) } });
  expect(await closing).toMatchObject({ state: 'sealed', closeReason: 'completed' });
});

it('a program that cannot close its grant is told so, and until when it is open', async () => {
  const client = connectDoorwarden({ api: api.api, credential: broker().keys.agent });
  let decided: Promise<unknown> | undefined;
  const opened = await openGrant(
    client,
    { target: shop.name, task: { title: 'Left' }, ttlSeconds: 600 },
    {
      onProgress(progress) {
        if (progress.kind !== 'waits-for-people') return;
        decided ??= decide(broker(), progress.approval, { decision: 'approve' });
      },
    },
  );
  await api.stop();
  const error: unknown = await opened.close({ patienceMs: 300 }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ name: 'GrantNotClosedError', code: null, grant: { id: opened.grant.id } });
  expect(String(error)).toContain(`it ends by itself at ${opened.grant.deadline}`);
  await connectDoorwarden({ api: broker().api, credential: broker().keys.agent }).closeGrant(opened.grant.id);
});
