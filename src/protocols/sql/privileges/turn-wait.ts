import { setTimeout as delay } from 'node:timers/promises';
import { BrokerError } from '../../../kernel/errors.js';
import type { EndTurn, Turns, TurnUser } from './turns.js';

/** One thread of the target waits for a lock. */
export interface LockWait {
  readonly waiting: number;
  /** Who has the lock; null where the target does not say so: then anyone who has an open transaction may. */
  readonly blocking: number | null;
  /** False: the other one has locks, and it is not known whether this is among them. */
  readonly isSure: boolean;
}

export interface TurnWaitOptions {
  readonly turns: Pick<Turns, 'holders' | 'waiting'>;
  readonly turnMs: number;
  readonly lockWaits: () => Promise<readonly LockWait[] | undefined>;
  readonly signal: AbortSignal | undefined;
  readonly user: TurnUser | undefined;
}

/** Most turns are over by then. */
const FIRST_LOOK_MS = 250;
const LOOK_EVERY_MS = 1_000;

/**
 * Waits for a turn for so long and no longer. A transaction that has locked what the statement waits for that has the turn
 * would keep both waiting until then: it is found and given up, as a server does with two transactions.
 * @throws BrokerError `turn_timed_out`, `transaction_rolled_back`; the signal's reason; what `take` throws
 */
export async function waitForTurn(
  take: (signal: AbortSignal) => Promise<EndTurn>,
  { turns, turnMs, lockWaits, signal, user }: TurnWaitOptions,
): Promise<EndTurn> {
  const giveUp = new AbortController();
  const patience = setTimeout(() => giveUp.abort(timedOut(turns.holders, turnMs)), turnMs);
  const done = new AbortController();
  if (user?.inTransaction === true) {
    findDeadlock(user, { turns, lockWaits, done: done.signal })
      .then((found) => {
        if (found !== undefined) giveUp.abort(found);
      })
      .catch(() => {}); // the look is over, or not possible: then patience ends the wait
  }
  try {
    return await take(signal === undefined ? giveUp.signal : AbortSignal.any([signal, giveUp.signal]));
  } finally {
    clearTimeout(patience);
    done.abort();
  }
}

async function findDeadlock(
  user: TurnUser,
  { turns, lockWaits, done }: Pick<TurnWaitOptions, 'turns' | 'lockWaits'> & { readonly done: AbortSignal },
): Promise<BrokerError | undefined> {
  for (let waitMs = FIRST_LOOK_MS; ; waitMs = LOOK_EVERY_MS) {
    await delay(waitMs, undefined, { signal: done });
    const waits = (await lockWaits()) ?? [];
    const holder = turns.holders.find(({ thread }) =>
      waitsFor(thread, user.thread, waits, new Set(turns.waiting.map((waiting) => waiting.thread))),
    );
    if (holder !== undefined) return deadlock(holder);
  }
}

/**
 * Whether a thread of the target waits for another one, be it for what a third one waits for. Where the target only says
 * who may be waited for, it is sure when all of them wait for a turn themselves.
 */
function waitsFor(
  from: number,
  to: number,
  waits: readonly LockWait[],
  waitingForTurns: ReadonlySet<number>,
  seen = new Set<number>(),
): boolean {
  if (seen.has(from)) return false;
  seen.add(from);
  const own = waits.filter(({ waiting }) => waiting === from);
  const isAmongUs = own.every(({ blocking }) => blocking !== null && waitingForTurns.has(blocking));
  return own.some(
    ({ blocking, isSure }) =>
      blocking !== null &&
      (isSure || isAmongUs) &&
      (blocking === to || waitsFor(blocking, to, waits, waitingForTurns, seen)),
  );
}

function deadlock(holder: TurnUser): BrokerError {
  return new BrokerError('transaction_rolled_back', {
    detail: `It waited for ${named(holder)}, and that one waits for locks of this transaction.`,
  });
}

function timedOut(holders: readonly TurnUser[], turnMs: number): BrokerError {
  const who =
    holders.length === 0 ? 'a change of the privileges that stand for the grant' : holders.map(named).join(', ');
  return new BrokerError('turn_timed_out', { detail: `It waited for ${who} for ${turnMs / 1000} s.` });
}

/** `statement 4 of session 2 (update shop.orders)` */
export function named({ statement, session, what }: TurnUser): string {
  return `statement ${statement} of session ${session} (${what})`;
}
