import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PLAIN_SQL_MODE } from '../../src/protocols/mysql/sql/text/dialect.js';
import type { Judgement, StatementJudge } from '../../src/protocols/mysql/judge/judgement.js';
import { NO_DOOR } from '../../src/protocols/sql/privileges/no-door.js';
import { OperationGate, type GatedClient } from '../../src/gateway/operation-gate.js';
import { SessionDoor } from '../../src/protocols/mysql/held/session-door.js';
import { GatedStatement } from '../../src/protocols/mysql/held/gated-statement.js';
import type { ApprovalId, GrantId } from '../../src/kernel/brand.js';
import { systemClock } from '../../src/kernel/clock.js';
import { BrokerError } from '../../src/kernel/errors.js';
import { DatabaseApprovalDesk } from '../../src/persistence/approvals/approval-desk.js';
import { ApprovalRepository } from '../../src/persistence/approvals/approval.repository.js';
import { createStateSource } from '../../src/persistence/state/data-source.js';
import { GrantRepository } from '../../src/persistence/grants/grant.repository.js';
import { approve, insertActiveGrant, TERMS, UPDATE_FACTS } from '../support/approval-state.js';
import { type OwnDatabase, makeDatabase } from '../support/databases.js';
import { servers } from '../support/engines.js';
import { RACES } from '../support/races.js';

const AT_ONCE = 10;
const PATIENCE = { timeout: 120_000 };
const GONE = new Error('The client went.');

const JUDGEMENT: Judgement = {
  verdict: 'hold',
  policies: ['default#writes'],
  hold: TERMS,
  why: 'It changes rows.',
  fingerprint: null,
  facts: UPDATE_FACTS,
  missing: [],
  outside: [],
  effect: undefined,
  policyVersion: 'v1',
  refusal: 'statement_denied',
};

const judge: StatementJudge = {
  judge: () => JUDGEMENT,
  judgeAnew: () => Promise.resolve(JUDGEMENT),
  catalogMayHaveChanged: () => undefined,
};

let database: OwnDatabase;
let source: DataSource;
let approvals: ApprovalRepository;
let grants: GrantRepository;
let desk: DatabaseApprovalDesk;

beforeAll(async () => {
  database = await makeDatabase(servers().mariadb);
  source = await createStateSource(database.url).initialize();
  await source.runMigrations();
  approvals = new ApprovalRepository(source);
  grants = new GrantRepository(source);
  desk = new DatabaseApprovalDesk({
    dataSource: source,
    clock: systemClock,
    limits: { pendingMax: 20, totalMax: 1_000 },
    announce: (id) => desk.wake(id),
    requestJobs: () => undefined,
  });
});
afterAll(async () => {
  await source?.destroy();
  await database?.drop();
});

/** One statement at the gate of its grant, as a session holds it. */
class AtTheGate {
  readonly asked: Promise<ApprovalId>;
  /** `forward`, the code that the client was told, or `gone`. */
  readonly outcome: Promise<string>;
  readonly #client = new AbortController();

  constructor(
    readonly grant: GrantId,
    deadlineMs = Date.now() + 600_000,
  ) {
    const { promise, resolve } = Promise.withResolvers<ApprovalId>();
    this.asked = promise;
    const bytes = Buffer.from('UPDATE orders SET total = 0 WHERE id = 1');
    const statement = {
      session: 1,
      statement: 1,
      thread: 1,
      hasUncommitted: false,
      context: { operations: [], inTransactionSinceMs: null },
      settings: undefined,
      commitsByItself: true,
      judged: {
        command: 'COM_QUERY' as const,
        bytes,
        analysed: bytes,
        text: bytes.toString(),
        values: undefined,
        scene: {
          database: 'shop',
          dialect: { flavour: 'mariadb' as const, version: 101_119, sqlMode: PLAIN_SQL_MODE },
          inTransaction: false,
          locksReads: false,
          characterSet: 'utf8mb4',
          narrowedTo: null,
        },
      },
      judgement: JUDGEMENT,
      mustEnterAnew: () => false,
      enterAnew: () => Promise.resolve(),
    };
    const held = new GatedStatement(statement, {
      judge,
      privileges: new SessionDoor(NO_DOOR, () => Promise.resolve(undefined)),
      preview: () => new Promise(() => undefined),
      canRollBack: () => Promise.resolve(true),
    });
    this.outcome = this.#admitted(gateOf(grant, deadlineMs), held, {
      signal: this.#client.signal,
      givesWay: new AbortController().signal,
      onAsked: ({ id }) => resolve(id),
      onDecided: () => undefined,
    });
  }

  go(): void {
    this.#client.abort(GONE);
  }

  /** As the session does: what is admitted after its client went is not forwarded. */
  async #admitted(gate: OperationGate, held: GatedStatement, client: GatedClient): Promise<string> {
    try {
      const admission = await gate.admit(held, client);
      if (admission.kind === 'refuse') return admission.code;
      await admission.window.close();
      return client.signal.aborted ? 'gone' : 'forward';
    } catch (error) {
      if (error === GONE) return 'gone';
      if (error instanceof BrokerError) return error.code;
      throw error;
    }
  }
}

function gateOf(grant: GrantId, deadlineMs: number): OperationGate {
  return new OperationGate({
    grant,
    deadlineMs,
    onHold: 'wait',
    desk,
    clock: systemClock,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
}

/** Runs races, some at a time, each with a grant of its own. @returns what they gave, without repetition */
async function races(race: (grant: GrantId, round: number) => Promise<string>): Promise<readonly string[]> {
  const rounds = Array.from({ length: RACES }, (_, round) => round);
  const seen = new Set<string>();
  const run = async (): Promise<void> => {
    for (let round = rounds.pop(); round !== undefined; round = rounds.pop()) {
      seen.add(await race(await insertActiveGrant(source), round));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, run));
  return [...seen].sort();
}

async function usesOf(id: ApprovalId): Promise<number> {
  return (await approvals.find(id))?.uses ?? -1;
}

/** Whether the decision was taken. */
async function isApproved(id: ApprovalId): Promise<boolean> {
  try {
    await approvals.decide(approve(id));
    desk.wake(id); // as the announcement does, which is sent when a decision is stored
    return true;
  } catch (error) {
    if (error instanceof BrokerError) return false;
    throw error;
  }
}

/** The earlier one has a start of this long: races that one side always wins are none. */
async function after(steps: number): Promise<void> {
  for (let step = 0; step < steps; step += 1) await source.query('SELECT 1');
}

describe('a statement at the gate, when its approval races with', () => {
  test('the time, runs if it was approved and is refused if not, never both', PATIENCE, async () => {
    const seen = await races(async (grant, round) => {
      // Up to two seconds, for a machine that is busy.
      const held = new AtTheGate(grant, Date.now() + Math.round(5 * 1.38 ** (round % 20)));
      const decided = isApproved(await held.asked);
      const outcome = await held.outcome;
      expect([outcome, await usesOf(await held.asked)]).toEqual(
        (await decided) ? ['forward', 1] : ['approval_timed_out', 0],
      );
      return outcome;
    });
    expect(seen).toEqual(['approval_timed_out', 'forward']);
  });

  test('the end of its grant, runs with a use that was taken before, or never', PATIENCE, async () => {
    const seen = await races(async (grant, round) => {
      const held = new AtTheGate(grant);
      const id = await held.asked;
      await Promise.all([
        isApproved(id),
        after(round % 20).then(() => grants.close(grant, 'revoked', 'operator', Date.now())),
      ]);
      const outcome = await held.outcome;
      expect(await usesOf(id)).toBe(outcome === 'forward' ? 1 : 0);
      expect((await approvals.find(id))?.state).toBe(outcome === 'forward' ? 'approved' : 'cancelled');
      return outcome;
    });
    expect(seen).toContain('forward');
    expect(seen.filter((outcome) => outcome !== 'forward')).not.toEqual([]);
    expect(['approval_cancelled', 'approval_used', 'forward']).toEqual(expect.arrayContaining([...seen]));
  });

  test('its client going away and coming back, runs once', PATIENCE, async () => {
    const seen = await races(async (grant, round) => {
      const first = new AtTheGate(grant);
      const id = await first.asked;
      const going = after(round % 25).then(() => first.go());
      await Promise.all([isApproved(id), going]);
      const outcome = await first.outcome;
      const uses = await usesOf(id);
      if (outcome === 'forward') expect(uses).toBe(1);
      // What its use was taken for is not run by anybody else: it is asked again.
      const retry = new AtTheGate(grant);
      const asked = await retry.asked;
      if (uses === 0) expect([asked, await retry.outcome]).toEqual([id, 'forward']);
      else expect(asked).not.toBe(id);
      retry.go();
      expect(await usesOf(id)).toBe(1);
      return `${outcome} ${uses}`;
    });
    expect(seen).toContain('forward 1');
    expect(seen).toContain('gone 0');
  });

  test('three that wait for it, runs one of them and tells the others', PATIENCE, async () => {
    await races(async (grant) => {
      const waiting = [new AtTheGate(grant), new AtTheGate(grant), new AtTheGate(grant)];
      const [id, ...others] = await Promise.all(waiting.map(({ asked }) => asked));
      expect(new Set([id, ...others]).size).toBe(1);
      if (id !== undefined) await isApproved(id);
      const outcomes = await Promise.all(waiting.map(({ outcome }) => outcome));
      expect(outcomes.sort()).toEqual(['approval_used', 'approval_used', 'forward']);
      return '';
    });
  });
});
