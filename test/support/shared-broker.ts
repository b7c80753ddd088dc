import { isDeepStrictEqual } from 'node:util';
import type { RowDataPacket } from 'mysql2';
import { afterAll, afterEach, beforeAll, vi } from 'vitest';
import { PROTOCOLS } from '../../src/apps/protocols.js';
import { FINAL_GRANT_STATES } from '../../src/domain/grant.js';
import { policyVersionOf } from '../../src/policy/policy-set.js';
import { createStateSource } from '../../src/persistence/state/data-source.js';
import { vocabulariesOf } from '../../src/protocol/target-protocol.js';
import { type Broker, type StartedBroker, startBroker } from './broker.js';
import { atStateDatabase, clearState, clearTargets } from './cleared-state.js';
import { ALLOW_EVERYTHING, setPolicies } from './policies.js';

/** The start of three processes costs more than most files do with them, so files pass a broker on. */
let idle: (SharedBroker & { readonly stopping: NodeJS.Timeout }) | undefined;

interface SharedBroker {
  readonly broker: StartedBroker;
  /** What its gateway has that the other processes have not. */
  readonly ofGateway: Environment;
}

type Environment = Readonly<Record<string, string>>;

/** Such files run one after the other (longest-first.ts); when they are through, nobody needs the processes. */
const KEPT_MS = 15_000;
const REST_LIMIT_MS = 10_000;
const POLICIES_LIMIT_MS = 30_000;

/** What files need otherwise than a new installation has it, and no file minds. */
const ENV = {
  REAP_EVERY_SECONDS: '2',
  INDEX_EVERY_SECONDS: '2',
  // All files come from one address; test/api/limits.test.ts has the limits.
  LIMIT_CALLS_PER_MINUTE: '0',
  LIMIT_CREDENTIAL_FAILURES_PER_MINUTE: '0',
  LIMIT_SEARCHES_PER_MINUTE: '0',
  LIMIT_SIGN_IN_STARTS_PER_MINUTE: '0',
  LIMIT_SIGN_IN_CALLBACKS_PER_MINUTE: '0',
  LIMIT_SIGN_IN_FAILURES_PER_10_MINUTES: '0',
  LIMIT_FIRST_LINKS_PER_MINUTE: '0',
  LIMIT_PAGES_PER_MINUTE: '0',
  LIMIT_DEVICE_STARTS_PER_MINUTE: '0',
  LIMIT_DEVICE_POLLS_PER_MINUTE: '0',
  LIMIT_DEVICE_CODES_PER_MINUTE: '0',
  // All read as the same reviewer.
  LIMIT_ENTRIES_PER_MINUTE: '0',
};

/**
 * Gives the tests of a file a broker that other files have had before and get after it: for those that need no processes
 * and no environment of their own. It has the policies that are asked for (`default`: those of a new installation), and the
 * tests may change them, and all else that {@link clearState} and {@link clearTargets} take away. They count nothing that other
 * files leave, such as grants and entries of the administrative record, and let its processes run when they are through. It is
 * passed on when no test has failed and all its grants are over; otherwise it is stopped. Who asks for a gateway with an
 * environment of its own gets one that has just started, unless the file before asked for the same.
 */
export function useSharedBroker(policies: string = ALLOW_EVERYTHING, ofGateway: Environment = {}): () => Broker {
  let broker: StartedBroker | undefined;
  let hasFailed = false;
  beforeAll(async () => {
    broker = await takeBroker(policies, ofGateway);
  });
  afterEach(({ task }) => {
    if (task.result?.state !== 'fail') return;
    hasFailed = true;
    broker?.printLogs();
  });
  // Hooks after the tests run in reverse order: what the file had at its targets is gone by now.
  afterAll(async () => {
    if (broker) await (hasFailed ? broker.stop() : passOn({ broker, ofGateway }));
  });
  return () => {
    if (!broker) throw new Error('The broker is there inside of tests and hooks only');
    return broker;
  };
}

async function takeBroker(policies: string, ofGateway: Environment): Promise<StartedBroker> {
  if (idle === undefined) {
    const envOf = () => Promise.resolve({ gateway: ofGateway });
    return { ...(await startBroker({ policies, env: ENV, envOf })), isShared: true };
  }
  const { broker, stopping, ofGateway: before } = idle;
  clearTimeout(stopping);
  idle = undefined;
  if (!isDeepStrictEqual(before, ofGateway)) await broker.restartWith('gateway', ofGateway);
  await renewPolicies(broker, policies);
  return broker;
}

async function passOn({ broker, ofGateway }: SharedBroker): Promise<void> {
  if (idle !== undefined) return broker.stop();
  await clearState(broker);
  if (!(await isAtRest(broker))) return broker.stop();
  await clearTargets(broker);
  const stop = (): void => {
    idle = undefined;
    void broker.stop().catch(() => undefined); // at the end of a run the servers may go first
  };
  idle = { broker, ofGateway, stopping: setTimeout(stop, KEPT_MS).unref() };
}

/** Makes the policies what they are in a broker that has just started with them, and waits until its gateway judges by them. */
async function renewPolicies(broker: Broker, text: string): Promise<void> {
  const source = await createStateSource(broker.stateDatabaseUrl).initialize();
  try {
    const defaults = vocabulariesOf(PROTOCOLS).map((vocabulary) => vocabulary.defaults);
    const version = policyVersionOf(await setPolicies(source, text, defaults));
    const inForce = (): void => {
      const last = broker
        .logs('gateway')
        .split('\n')
        .findLast((line) => line.includes('"policies in force"'));
      if (last?.includes(`"${version}"`) !== true) throw new Error(`The gateway does not judge by ${version} yet`);
    };
    await vi.waitFor(inForce, { timeout: POLICIES_LIMIT_MS, interval: 50 });
  } finally {
    await source.destroy();
  }
}

/** Whether all grants are over within a moment: one that cannot be ended would go on in the tests of other files. */
async function isAtRest(broker: Broker): Promise<boolean> {
  const isOver = async (): Promise<void> => {
    const open = await openGrants(broker);
    if (open > 0) throw new Error(`${open} grants are not over`);
  };
  return vi.waitFor(isOver, { timeout: REST_LIMIT_MS, interval: 50 }).then(
    () => true,
    () => false,
  );
}

async function openGrants(broker: Broker): Promise<number> {
  return atStateDatabase(broker, async (connection) => {
    const statement = 'SELECT COUNT(*) AS number FROM grants WHERE state NOT IN (?)';
    const [rows] = await connection.query<RowDataPacket[]>(statement, [FINAL_GRANT_STATES]);
    return Number(rows[0]?.['number']);
  });
}
