import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { decide, seeHeld, untilApproval } from '../support/approvals.js';
import { type Broker, type BrokerOptions } from '../support/broker.js';
import { approveNext } from '../support/decide.js';
import { untilOver } from '../support/task.js';
import type { ConformanceClient, Conformer } from './conformer.js';
import { type ConformanceGrant, type ConformanceScene, type RawEntry, newMark, useScene } from './scene.js';

/** Those that the broker has before an operator changes anything, and leases that run out while a test waits. */
export const CONFORMANCE_BROKER: BrokerOptions = {
  policies: 'default',
  env: { GATEWAY_LEASE_SECONDS: '3', REAP_EVERY_SECONDS: '1', OPEN_WAIT_SECONDS: '1' },
};
const SHORT_TTL_SECONDS = 3;
/** A gateway is started again, and what its former self left is ended. */
const KILL_LIMIT_MS = 60_000;

/**
 * What holds for every protocol, shown through a whole broker with an ordinary client on a real target. A protocol that
 * does not pass is not done. Nothing in here knows a protocol.
 */
export function conforms(conformer: Conformer, broker: () => Broker): void {
  describe(conformer.name, () => {
    const scene = useScene(broker, conformer);
    let open: ConformanceClient[] = [];

    /** A grant with a session of it. */
    const started = async (ttlSeconds?: number): Promise<Started> => {
      const grant = await scene().open(ttlSeconds);
      const client = await connected(grant);
      return { grant, client };
    };
    const connected = async (grant: ConformanceGrant): Promise<ConformanceClient> => {
      const client = await grant.connect();
      open.push(client);
      return client;
    };

    afterEach(async () => {
      scene().wire.proxy.disarm();
      await Promise.all(open.map((client) => client.close()));
      open = [];
      // Whatever a test is about: nothing goes to a target that is not in the recording, and nothing goes twice.
      const { passed } = scene().wire;
      expect(passed.filter(({ wasRecorded }) => !wasRecorded)).toEqual([]);
      expect(new Set(passed.map(({ mark }) => mark)).size).toBe(passed.length);
    });

    describe('an operation', () => {
      let grant: ConformanceGrant;
      let client: ConformanceClient;
      beforeAll(async () => {
        grant = await scene().open();
      });

      test('that is allowed runs at once, and is in the recording before it is at the target', async () => {
        client = await connected(grant);
        for (const mark of Array.from({ length: 10 }, newMark)) {
          const outcome = await grant.run(client, scene().target.operations.harmless(mark), mark);
          expect(outcome.answer).toContain(mark);
          expect(scene().wire.count(mark)).toBe(1);
        }
      });

      test('that is denied never arrives, and its client reads why', async () => {
        client = await connected(grant);
        const mark = newMark();
        const { refusal } = await grant.run(client, scene().target.operations.denied(mark), mark);
        expect(refusal).toMatch(/\w+ \w+/);
        expect(scene().wire.count(mark)).toBe(0);
        const after = newMark();
        const outcome = await grant.run(client, scene().target.operations.harmless(after), after);
        expect(outcome.answer).toContain(after);
      });

      test('that is risky waits until somebody approves it, runs, and is asked about again the next time', async () => {
        client = await connected(grant);
        const mark = newMark();
        const operation = scene().target.operations.risky(mark);
        const first = grant.run(client, operation, mark);
        const { id } = await seeHeld(broker(), grant.id);
        expect(scene().wire.count(mark)).toBe(0);
        await decide(broker(), id, { decision: 'approve' });
        expect(await first).toMatchObject({ answer: expect.any(String) });
        expect(await marksOf(scene(), mark)).toEqual([mark]);

        const second = client.run(operation);
        const again = await seeHeld(broker(), grant.id);
        expect(again.id).not.toBe(id);
        await decide(broker(), again.id, { decision: 'deny', reason: 'Once is enough.' });
        expect((await second).refusal).toContain('Once is enough.');
        expect(await marksOf(scene(), mark)).toEqual([mark]);
      });

      test('that two sessions ask for at once is run by one of them for one approval', async () => {
        const mark = newMark();
        const operation = scene().target.operations.risky(mark);
        const clients = await Promise.all([connected(grant), connected(grant)]);
        scene().wire.expect({ grant: grant.id, mark, bytes: scene().target.operations.onTheWire(operation) });
        const outcomes = clients.map((one) => one.run(operation));
        const asking = async (): Promise<number> => {
          const entries = await scene().entries(grant.id);
          return entries.filter(({ type, approval }) => type === 'approval.asked' && approval === id).length;
        };
        const { id } = await seeHeld(broker(), grant.id);
        await expect.poll(asking).toBe(2);
        await decide(broker(), id, { decision: 'approve' });
        const refused = (await Promise.all(outcomes)).filter(({ refusal }) => refusal !== undefined);
        expect(refused).toHaveLength(1);
        expect(await marksOf(scene(), mark)).toEqual([mark]);
      });

      test('is in the sealed recording with what became of it, which verifies offline', async () => {
        await grant.close();
        const verified = await scene().verify(grant.id);
        expect(verified.stderr).toBe('');
        expect(JSON.parse(verified.stdout)).toMatchObject({ ok: true, keyTrusted: true });
        expect(verified.exitCode).toBe(0);
        const entries = await scene().entries(grant.id);
        const verdicts = operationsIn(entries).map(({ verdict }) => verdict);
        expect(verdicts.filter((verdict) => verdict === 'allow').length).toBeGreaterThan(10);
        expect(verdicts).toEqual(expect.arrayContaining(['hold', 'deny']));
        expect(entries.at(-1)).toMatchObject({ type: 'grant.closed', reason: 'completed', account: { state: 'gone' } });
      });
    });

    describe('a grant that ends', () => {
      test('leaves nothing at the target, and lets nobody in', async () => {
        const { grant } = await started();
        expect(await scene().stands(grant.id)).toBe(true);
        await grant.close();
        expect(await scene().stands(grant.id)).toBe(false);
        await expect(grant.connect()).rejects.toThrow();
      });

      test('cuts off what runs and what waits', async () => {
        const { grant, client } = await started();
        const waiting = await connected(grant);
        const [mark, held] = [newMark(), newMark()];
        const running = grant.run(client, scene().target.operations.lasting(mark), mark);
        await approveNext(broker(), grant.id);
        await expect.poll(() => scene().wire.count(mark)).toBe(1);
        const wanting = grant.run(waiting, scene().target.operations.risky(held), held);
        const { id } = await seeHeld(broker(), grant.id);
        await grant.close();
        expect(await running).toMatchObject({ refusal: expect.any(String) });
        expect(await wanting).toMatchObject({ refusal: expect.any(String) });
        await Promise.all([client.gone, waiting.gone]);
        await untilApproval(broker(), id, 'cancelled');
        expect(scene().wire.count(held)).toBe(0);
        expect(await scene().stands(grant.id)).toBe(false);
      });

      test('at its deadline takes nothing any more', async () => {
        const { grant, client } = await started(SHORT_TTL_SECONDS);
        const before = newMark();
        const outcome = await grant.run(client, scene().target.operations.harmless(before), before);
        expect(outcome.answer).toContain(before);
        await client.gone;
        const late = newMark();
        expect(await grant.run(client, scene().target.operations.harmless(late), late)).toMatchObject({
          refusal: expect.any(String),
        });
        await expect(grant.connect()).rejects.toThrow();
        expect(await scene().isWhole(grant.id)).toBe(true);
        const entries = await scene().entries(grant.id);
        expect(scene().wire.count(late)).toBe(0);
        expect(await scene().stands(grant.id)).toBe(false);
        expect(entries.at(-1)).toMatchObject({ type: 'grant.closed', reason: 'expired', account: { state: 'gone' } });
      });
    });

    describe('a gateway that is killed', { timeout: KILL_LIMIT_MS }, () => {
      /** The grant is over, nothing is left of it, and its recording is whole. */
      const expectOver = async (id: string): Promise<readonly RawEntry[]> => {
        expect((await untilOver(broker(), id)).state).toBe('sealed');
        expect(await scene().stands(id)).toBe(false);
        expect(await scene().isWhole(id)).toBe(true);
        const entries = await scene().entries(id);
        expect(entries.at(-1)).toMatchObject({ type: 'grant.closed', interrupted: true, account: { state: 'gone' } });
        return entries;
      };

      /** A risky operation that waits for somebody to approve it. */
      const holding = async () => {
        const { grant, client } = await started();
        const mark = newMark();
        const operation = scene().target.operations.risky(mark);
        const outcome = grant.run(client, operation, mark);
        const { id: approval } = await seeHeld(broker(), grant.id);
        return { grant, mark, operation, outcome, approval };
      };

      test('before and after it makes what a grant logs in with, while it holds, before and after it forwards, before and after it ends a grant has all of them over', async () => {
        const held = await holding();
        const forwarding = [
          { ...(await holding()), moment: 'before', times: 0 },
          { ...(await holding()), moment: 'after', times: 1 },
        ] as const;
        const ending = [
          { ...(await started()), moment: 'before' },
          { ...(await started()), moment: 'after' },
        ] as const;
        for (const { moment, operation, approval } of forwarding) {
          const stands = scene().standsAt(scene().target.operations.onTheWire(operation), moment);
          await decide(broker(), approval, { decision: 'approve' });
          await stands;
        }
        for (const { moment, grant } of ending) {
          const stands = scene().standsAt(scene().target.ending, moment);
          await grant.endSoon();
          await stands;
        }
        const making = [
          scene().standsAt(scene().target.making, 'before'),
          scene().standsAt(scene().target.making, 'after'),
        ];
        const asked = making.map(() => scene().ask()); // the last of all: the api waits for these a short time only
        await Promise.all(making);
        await broker().kill('gateway');
        const ids = await Promise.all(asked);
        for (const { outcome } of [held, ...forwarding]) {
          expect(await outcome).toMatchObject({ refusal: expect.any(String) });
        }
        await scene().startAgain();
        expect(operationsIn(await expectOver(held.grant.id))).toMatchObject([{ verdict: 'hold' }]);
        await untilApproval(broker(), held.approval, 'cancelled');
        expect(await marksOf(scene(), held.mark)).toEqual([]);
        for (const { grant, mark, times } of forwarding) {
          const entries = await expectOver(grant.id);
          expect(JSON.stringify(operationsIn(entries))).toContain(mark);
          expect(entries.filter(({ type }) => type === 'forwarded')).toHaveLength(1);
          expect(await marksOf(scene(), mark)).toHaveLength(times);
        }
        for (const { grant } of ending) await expectOver(grant.id);
        for (const id of ids) {
          await untilOver(broker(), id);
          expect(await scene().stands(id)).toBe(false);
        }
      });
    });
  });
}

interface Started {
  readonly grant: ConformanceGrant;
  readonly client: ConformanceClient;
}

/** As often as the operation with this mark took effect. */
async function marksOf(scene: ConformanceScene, mark: string): Promise<readonly string[]> {
  return (await scene.target.arrived()).filter((one) => one === mark);
}

function operationsIn(entries: readonly RawEntry[]): readonly RawEntry[] {
  return entries.filter(({ type }) => type === 'operation');
}
