import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { type Broker } from '../support/broker.js';
import { RawClient } from '../support/clients/raw.js';
import { servers } from '../support/engines.js';
import { type Recorded } from '../support/recorded.js';
import { type RogueTarget, startRogueTarget } from '../support/rogue-target.js';
import { NOTHING_LEFT, type Task, type TestTarget, makeTarget, openTask, tracesOf } from '../support/task.js';

/** A target that lies when a test says so, and a new grant for each test, with a session that nobody lies to. */
export interface RogueScene {
  readonly rogue: RogueTarget;
  readonly target: TestTarget;
  readonly task: Task;
  /** Whatever the target did to one session: the gateway lives, the other one works, and all ends well. */
  closed(): Promise<Recorded>;
}

/** Gives the tests of a file a scene, inside of tests. */
export function useRogueScene(broker: () => Broker): RogueScene {
  let rogue: RogueTarget | undefined;
  let target: TestTarget | undefined;
  let task: Task | undefined;
  let honest: RawClient | undefined;
  let gatewayPid = 0;

  beforeAll(async () => {
    const { mariadb } = servers();
    rogue = await startRogueTarget(mariadb);
    target = await makeTarget(broker(), mariadb, {
      schema: ['CREATE TABLE a (id INT PRIMARY KEY)', 'INSERT INTO a VALUES (1), (2), (3)'],
      registration: { host: rogue.host, port: rogue.port, tls: { mode: 'off' } },
    });
    gatewayPid = broker().pid('gateway');
  });
  beforeEach(async () => {
    task = await openTask(broker(), there(target));
    honest = await RawClient.logIn(task.login);
  });
  afterAll(async () => {
    await target?.drop();
    await rogue?.close();
  });

  return {
    get rogue() {
      return there(rogue);
    },
    get target() {
      return there(target);
    },
    get task() {
      return there(task);
    },
    async closed() {
      expect((await there(honest).query('SELECT id FROM a')).error).toBeUndefined();
      expect(broker().pid('gateway')).toBe(gatewayPid);
      const recorded = await there(task).close();
      expect(recorded.closed).toMatchObject({ interrupted: false, account: { state: 'gone' } });
      expect(await tracesOf(there(target), there(task).login.user)).toEqual(NOTHING_LEFT);
      return recorded;
    },
  };
}

function there<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('The scene is there inside of tests only');
  return part;
}
