import type { Clock } from '../../../kernel/clock.js';
import { BrokerError } from '../../../kernel/errors.js';
import type { StatementRequest } from '../session/request.js';
import type { Judgement } from '../judge/judgement.js';
import type { LockSight, SessionLocks } from './lock-watch.js';

/** Where no policy says how long others may wait. */
const PATIENCE_SECONDS_DEFAULT = 30;
/** Of the whole transaction. */
const ROLLBACK = /^\s*rollback(?:\s+work)?\s*;?\s*$/i;
/** Statements behind which another transaction begins, or none is open. */
const BOUNDARIES: ReadonlySet<string> = new Set(['begin', 'start transaction', 'commit', 'rollback']);

export interface TransactionPatienceOptions {
  readonly clock: Clock;
  readonly locks: SessionLocks;
  /** Of the target. */
  readonly thread: number;
  /** What its locks are kept for now; a statement that somebody approved, or that changes rows, has them rightly. */
  readonly keptFor: () => 'its client' | 'a plain read' | Judgement | undefined;
  /** Others have waited for long enough: the transaction is to be rolled back as soon as it can be. */
  readonly onExhausted: (why: BrokerError) => void;
}

/**
 * How long others have waited for the locks of one session's open transaction, and for how long they may: as long as the
 * policies say of the statement that is held in it, or else of those that ran in it, the shortest of these. All waits of
 * one transaction count together, since who gives up waiting comes back.
 */
export class TransactionPatience {
  readonly #options: TransactionPatienceOptions;
  readonly #unwatch: () => void;
  #openSinceUs: number | undefined;
  #seconds = PATIENCE_SECONDS_DEFAULT;
  #keptMs = 0;
  #exhausted: BrokerError | undefined;
  #isTold = false;
  #untold: BrokerError | undefined;

  constructor(options: TransactionPatienceOptions) {
    this.#options = options;
    const of = (): number | undefined => this.#openSinceUs;
    this.#unwatch = options.locks.watch({
      thread: options.thread,
      get openSinceUs() {
        return of();
      },
      kept: (ms, sight) => this.#kept(ms, sight),
    });
  }

  /** Keeps up with what was answered; `judgement` of the client's own statement. */
  answered(inTransaction: boolean, judgement: Judgement | undefined): void {
    if (!inTransaction) {
      if (this.#openSinceUs !== undefined) this.#begin(undefined);
      return;
    }
    if (this.#openSinceUs === undefined || (judgement !== undefined && BOUNDARIES.has(judgement.facts.kind))) {
      this.#begin(this.#options.clock.monotonicUs());
    }
    if (judgement !== undefined) this.#seconds = Math.min(this.#seconds, secondsOf(judgement));
  }

  /** Why the transaction must be rolled back before anything else; undefined when it need not. */
  get exhausted(): BrokerError | undefined {
    return this.#exhausted;
  }

  /** It is rolled back; the next statement is to be told so, unless its client is told otherwise. */
  rolledBack(): void {
    this.#untold = this.#isTold ? undefined : this.#exhausted;
    this.told();
  }

  /** It was rolled back and the client told so. */
  told(): void {
    this.#isTold = false;
    this.#exhausted = undefined;
    this.#begin(undefined);
  }

  /** The statement that runs is ended for this, and its client told why. */
  willBeTold(): void {
    this.#isTold = true;
  }

  /**
   * What the client must be told in place of running this statement: it belongs to a transaction that is rolled back, as
   * far as the client knows. A client that rolls back itself has nothing to learn.
   */
  lostBefore({ judged }: StatementRequest): BrokerError | undefined {
    const untold = this.#untold;
    if (untold === undefined || judged.command === 'COM_STMT_PREPARE') return undefined;
    this.#untold = undefined;
    return ROLLBACK.test(judged.text ?? '') ? undefined : untold;
  }

  close(): void {
    this.#unwatch();
  }

  #begin(sinceUs: number | undefined): void {
    this.#openSinceUs = sinceUs;
    this.#seconds = PATIENCE_SECONDS_DEFAULT;
    this.#keptMs = 0;
  }

  #kept(ms: number, sight: LockSight): void {
    const keptFor = this.#options.keptFor();
    if (this.#exhausted !== undefined || keptFor === undefined) return;
    this.#keptMs += ms;
    const seconds = typeof keptFor === 'object' ? secondsOf(keptFor) : this.#seconds;
    if (this.#keptMs < seconds * 1000) return;
    this.#exhausted = new BrokerError('transaction_rolled_back', { detail: detailOf(sight, seconds) });
    this.#options.onExhausted(this.#exhausted);
  }
}

function secondsOf({ hold, transactionHoldSeconds }: Judgement): number {
  return hold?.transactionHoldSeconds ?? transactionHoldSeconds ?? PATIENCE_SECONDS_DEFAULT;
}

function detailOf(sight: LockSight, seconds: number): string {
  return sight === 'unknown'
    ? `The target does not say who waits for the locks of a transaction, so the broker kept the transaction open for at most ${seconds} s.`
    : `Other sessions waited for its locks for ${seconds} s, which is the longest that the policy allows.`;
}
