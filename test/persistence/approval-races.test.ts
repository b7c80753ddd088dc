import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApprovalState } from '../../src/domain/approval.js';
import type { ApprovalId, GrantId } from '../../src/kernel/brand.js';
import { systemClock } from '../../src/kernel/clock.js';
import { BrokerError } from '../../src/kernel/errors.js';
import type { ErrorCode } from '../../src/kernel/errors/error-table.js';
import { DatabaseApprovalDesk } from '../../src/persistence/approvals/approval-desk.js';
import { ApprovalRepository } from '../../src/persistence/approvals/approval.repository.js';
import { createStateSource } from '../../src/persistence/state/data-source.js';
import { GrantRepository } from '../../src/persistence/grants/grant.repository.js';
import { approve, approver, deny, insertActiveGrant, questionOf, TERMS, withdraw } from '../support/approval-state.js';
import { type OwnDatabase, makeDatabase } from '../support/databases.js';
import { servers } from '../support/engines.js';
import { RACES } from '../support/races.js';

let database: OwnDatabase;
let source: DataSource;
let approvals: ApprovalRepository;
let grants: GrantRepository;
/** Two gateways that know nothing of each other. */
let desk: DatabaseApprovalDesk;
let other: DatabaseApprovalDesk;

beforeAll(async () => {
  database = await makeDatabase(servers().mariadb);
  source = await createStateSource(database.url).initialize();
  await source.runMigrations();
  approvals = new ApprovalRepository(source);
  grants = new GrantRepository(source);
  [desk, other] = [makeDesk(), makeDesk()];
});
afterAll(async () => {
  await source?.destroy();
  await database?.drop();
});

function makeDesk(): DatabaseApprovalDesk {
  return new DatabaseApprovalDesk({
    dataSource: source,
    clock: systemClock,
    limits: { pendingMax: 20, totalMax: 1_000 },
    announce: () => undefined,
    requestJobs: () => undefined,
  });
}

async function stateOf(id: ApprovalId): Promise<ApprovalState | undefined> {
  return (await approvals.find(id))?.state;
}

const AT_ONCE = 5;
/** Of races that do little but wait for the time: one of them takes up to two seconds. */
const WAITING_AT_ONCE = 12;
const PATIENCE = { timeout: 120_000 };

/** Runs the races, some at a time, each with a grant of its own. @returns what they gave, without repetition, sorted */
async function races(
  race: (grant: GrantId, round: number) => Promise<unknown>,
  atOnce = AT_ONCE,
): Promise<readonly string[]> {
  const rounds = Array.from({ length: RACES }, (_, round) => round);
  const seen = new Set<string>();
  const run = async (): Promise<void> => {
    for (let round = rounds.pop(); round !== undefined; round = rounds.pop()) {
      seen.add(String(await race(await insertActiveGrant(source), round)));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, run));
  return [...seen].sort();
}

async function ask(grant: GrantId, leftMs = 600_000): Promise<ApprovalId> {
  return (await desk.ask(questionOf(grant, { expiresAtMs: Date.now() + leftMs }))).id;
}

/** Whether it won. Losing has the code that is named, and no other. */
async function wins(work: Promise<unknown>, lost: ErrorCode): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    expect(error instanceof BrokerError ? error.code : error).toBe(lost);
    return false;
  }
}

function revoke(grant: GrantId): Promise<boolean> {
  return grants.close(grant, 'revoked', 'operator', Date.now());
}

/** Starts both at the same time, in every other round the second one first. */
async function both<A, B>(round: number, one: () => Promise<A>, two: () => Promise<B>): Promise<readonly [A, B]> {
  if (round % 2 === 0) return Promise.all([one(), two()]);
  const [second, first] = await Promise.all([two(), one()]);
  return [first, second];
}

describe('of two that race', () => {
  it('a decision and the time, one wins', PATIENCE, async () => {
    const seen = await races(async (grant, round) => {
      const id = await ask(grant, Math.round(2 * 1.45 ** (round % 20))); // up to 2.4 s, for a machine that is busy
      const [isDecided, standing] = await Promise.all([
        wins(approvals.decide(approve(id)), 'approval_timed_out'),
        desk.settled(id, AbortSignal.timeout(45_000)),
        other.settled(id, AbortSignal.timeout(45_000)),
      ]);
      expect([standing.state, await stateOf(id)]).toEqual(
        isDecided ? ['approved', 'approved'] : ['timed-out', 'timed-out'],
      );
      return isDecided;
    }, WAITING_AT_ONCE);
    expect(seen).toEqual(['false', 'true']);
  });

  it(
    'a decision and the client leaving, the statement runs once: for the one who stayed, or for the one who comes again',
    PATIENCE,
    async () => {
      const seen = await races(async (grant, round) => {
        const id = await ask(grant);
        const client = new AbortController();
        /** What a gateway does for a session that is still there. */
        const held = async (): Promise<boolean> => {
          try {
            const { state } = await desk.settled(id, client.signal);
            return state === 'approved' && !client.signal.aborted && (await desk.use(id));
          } catch (error) {
            expect(error).toBe(client.signal.reason);
            return false;
          }
        };
        const leave = async (): Promise<void> => {
          if (round % 2 === 0) await approvals.find(id); // else leaving, being quicker, always wins
          if (round % 4 === 0) await approvals.find(id);
          client.abort(new Error('the client left'));
        };
        const decide = async (): Promise<void> => {
          await approvals.decide(approve(id));
          desk.wake(id);
        };
        const [isUsed] = await Promise.all([held(), decide(), leave()]);
        const again = await other.ask(questionOf(grant));
        expect([again.id === id, again.state]).toEqual(isUsed ? [false, 'pending'] : [true, 'approved']);
        if (!isUsed) expect([await other.use(id), await desk.use(id)]).toEqual([true, false]);
        return isUsed;
      });
      expect(seen).toEqual(['false', 'true']);
    },
  );

  it('a decision and the end of the grant, nothing can be used afterwards', PATIENCE, async () => {
    const seen = await races(async (grant, round) => {
      const id = await ask(grant);
      const decide = (): Promise<boolean> => wins(approvals.decide(approve(id)), 'approval_cancelled');
      const [isDecided, isClosed] = await both(round, decide, () => revoke(grant));
      expect([isClosed, await stateOf(id), await desk.use(id)]).toEqual([true, 'cancelled', false]);
      return isDecided;
    });
    expect(seen).toEqual(['false', 'true']);
  });

  it('a use and the end of the grant, the statement runs under an active grant or not at all', PATIENCE, async () => {
    const seen = await races(async (grant, round) => {
      const id = await ask(grant);
      await approvals.decide(approve(id));
      const use = async (): Promise<boolean> => {
        if (round % 2 === 1) await approvals.find(id); // else the use, being one statement, nearly always wins
        return desk.use(id);
      };
      const [isUsed] = await both(round, use, () => revoke(grant));
      expect(await stateOf(id)).toBe(isUsed ? 'approved' : 'cancelled');
      return isUsed;
    });
    expect(seen).toEqual(['false', 'true']);
  });

  it('a use and a withdrawal, it runs or it is withdrawn, and never both', PATIENCE, async () => {
    const seen = await races(async (grant, round) => {
      const id = await ask(grant);
      const ann = approver();
      await approvals.decide(approve(id, null, ann));
      const use = async (): Promise<boolean> => {
        for (let waits = round % 4; waits > 0; waits -= 1) await approvals.find(id); // else it nearly always wins
        return desk.use(id);
      };
      const [isUsed, isWithdrawn] = await both(round, use, () =>
        wins(approvals.withdraw(withdraw(id, ann)), 'approval_already_used'),
      );
      expect(isWithdrawn).toBe(!isUsed);
      const { state, uses, decisions, withdrawals } = { ...(await approvals.find(id)) };
      expect([state, uses, decisions?.length, withdrawals?.length]).toEqual(
        isUsed ? ['approved', 1, 1, 0] : ['withdrawn', 0, 0, 1],
      );
      expect(await other.use(id)).toBe(false);
      return isUsed;
    });
    expect(seen).toEqual(['false', 'true']);
  });

  it('the last approval and the withdrawal of the first, the quorum is reached or it is not', PATIENCE, async () => {
    const seen = await races(async (grant, round) => {
      const terms = { ...TERMS, quorum: 2 };
      const { id } = await desk.ask(questionOf(grant, { terms, expiresAtMs: Date.now() + 600_000 }));
      const ann = approver();
      await approvals.decide(approve(id, null, ann));
      const [, state] = await both(
        round,
        () => approvals.decide(approve(id)),
        () => approvals.withdraw(withdraw(id, ann)),
      );
      expect(['pending', 'withdrawn']).toContain(state);
      expect(await stateOf(id)).toBe(state);
      expect(await desk.use(id)).toBe(false);
      return state;
    });
    expect(seen).toEqual(['pending', 'withdrawn']);
  });

  it('two approvers at a quorum of one, one of them decides', PATIENCE, async () => {
    const seen = await races(async (grant, round) => {
      const id = await ask(grant);
      const answers = await both(
        round,
        () => wins(approvals.decide(approve(id)), 'approval_already_decided'),
        () => wins(approvals.decide(deny(id)), 'approval_already_decided'),
      );
      const decided = await approvals.find(id);
      expect(decided?.decisions).toHaveLength(1);
      expect(decided?.state).toBe(answers[0] ? 'approved' : 'denied');
      return answers;
    });
    expect(seen).toEqual(['false,true', 'true,false']);
  });

  it('two uses of one approval, one may run', PATIENCE, async () => {
    await races(async (grant) => {
      const id = await ask(grant);
      await approvals.decide(approve(id));
      const uses = await Promise.all([desk.use(id), other.use(id), desk.use(id)]);
      expect(uses.filter(Boolean)).toHaveLength(1);
    });
  });

  it('two gateways that ask the same, there is one question', PATIENCE, async () => {
    await races(async (grant) => {
      const asked = await Promise.all([desk.ask(questionOf(grant)), other.ask(questionOf(grant))]);
      expect(asked[0].id).toBe(asked[1].id);
      expect(asked.filter(({ again }) => !again)).toHaveLength(1);
    });
  });

  it('a question and the end of the grant, none stays open', PATIENCE, async () => {
    const seen = await races(async (grant, round) => {
      const asking = async (): Promise<ApprovalId | undefined> => {
        const asked = ask(grant);
        return (await wins(asked, 'grant_not_active')) ? asked : undefined;
      };
      const closing = async (): Promise<boolean> => {
        if (round % 2 === 0) await grants.find(grant); // else the end, being quicker, nearly always wins
        return revoke(grant);
      };
      const [id] = await both(round, asking, closing);
      if (id !== undefined) expect(await stateOf(id)).toBe('cancelled');
      return id !== undefined;
    });
    expect(seen).toEqual(['false', 'true']);
  });
});
