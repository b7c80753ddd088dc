import { STREAMS_OF_ONE_MAX } from '../http/caller-limits.js';
import { BrokerError } from '../../kernel/errors.js';
import { type ApprovalRepository, CHANGES_MAX, type Decided } from '../../persistence/approvals/approval.repository.js';
import type { ChangeWatch } from '../../messaging/change-watch.js';

const LISTENERS_MAX = 200;
/** Of these agents may have so many together, and no principal more than its own: nobody keeps others from watching. */
const AGENT_LISTENERS_MAX = 100;
/** A listener that lets more changes than this wait is too slow to be served; it may come again. */
const WAITING_MAX = 2_000;
/** How often the database is asked: while changes are announced, only because a message may be lost. */
const ASK_MS_ANNOUNCED = 5_000;
const ASK_MS_ALONE = 1_000;
/** How long a change is remembered, so that it is given out once: longer than the repository looks back. */
const REMEMBERED_MS = 60_000;

/** Where a look that failed is noted; pino's loggers fit. */
export interface FeedLog {
  warn(fields: object, message: string): void;
}

/** Who follows. */
export interface Follower {
  readonly id: string;
  readonly isAgent: boolean;
}

/** One that follows approvals. */
export interface Listener {
  /** What changed since the last call, each approval as it is now; nothing when the time is up; undefined at the end. */
  next(waitMs: number, gone: AbortSignal): Promise<readonly Decided[] | undefined>;
  close(): void;
}

/**
 * The changes of all approvals, for any number of listeners by one query: asked when a message says that something has
 * changed, and every few seconds in case one was lost. Without listeners nothing is asked.
 */
export class ApprovalFeed {
  readonly #listeners = new Set<Queue>();
  readonly #given = new Map<string, Decided>();
  readonly #stopListening: () => void;
  #sinceMs: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;
  #isLate = false;
  #lastLookMs = 0;
  #closed = false;

  constructor(
    private readonly approvals: ApprovalRepository,
    private readonly watch: ChangeWatch,
    private readonly log: FeedLog,
  ) {
    this.#stopListening = watch.listen(() => this.#lookSoon());
  }

  /** Anyone who opens and then lists misses nothing. @throws BrokerError `watchers_over_limit`, `state_unavailable` */
  async open(follower: Follower): Promise<Listener> {
    if (this.#closed || !this.#hasRoom(follower)) throw new BrokerError('watchers_over_limit');
    const queue = new Queue(follower, (closed) => this.#forget(closed));
    this.#listeners.add(queue);
    try {
      this.#sinceMs ??= await this.approvals.nowMs();
    } catch (error) {
      queue.close();
      throw error;
    }
    this.#timer ??= setInterval(() => this.#lookIfLate(), ASK_MS_ALONE);
    return queue;
  }

  /** Ends what everybody listens to. */
  close(): void {
    this.#closed = true;
    this.#stopListening();
    for (const listener of this.#listeners) listener.close();
  }

  #hasRoom({ id, isAgent }: Follower): boolean {
    const followers = [...this.#listeners].map(({ follower }) => follower);
    const own = followers.filter((other) => other.id === id).length;
    const agents = followers.filter((other) => other.isAgent).length;
    return own < STREAMS_OF_ONE_MAX && followers.length < LISTENERS_MAX && !(isAgent && agents >= AGENT_LISTENERS_MAX);
  }

  #forget(queue: Queue): void {
    this.#listeners.delete(queue);
    if (this.#listeners.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#sinceMs = undefined;
    this.#given.clear();
  }

  #lookIfLate(): void {
    const askMs = this.watch.isAnnounced ? ASK_MS_ANNOUNCED : ASK_MS_ALONE;
    if (performance.now() - this.#lastLookMs >= askMs) this.#lookSoon();
  }

  /** One look at a time; what changes meanwhile is found by another. */
  #lookSoon(): void {
    if (this.#listeners.size === 0) return;
    this.#isLate = true;
    if (this.#isLooking) return;
    this.#isLooking = true;
    void this.#lookAll().finally(() => {
      this.#isLooking = false;
      if (this.#isLate) this.#lookSoon();
    });
  }

  async #lookAll(): Promise<void> {
    this.#isLate = false;
    this.#lastLookMs = performance.now();
    const sinceMs = this.#sinceMs;
    if (sinceMs === undefined) return;
    try {
      this.#give(await this.approvals.changedSince(sinceMs), sinceMs);
    } catch (error) {
      this.log.warn({ err: error }, 'changes of approvals could not be read; they are read again');
    }
  }

  #give(rows: readonly Decided[], sinceMs: number): void {
    const fresh = rows.filter(({ id, revision }) => (this.#given.get(id)?.revision ?? 0) < revision);
    for (const row of fresh) this.#given.set(row.id, row);
    const newestMs = rows.reduce((newest, { changedAtMs }) => Math.max(newest, changedAtMs), sinceMs);
    for (const [id, { changedAtMs }] of this.#given) {
      if (changedAtMs < newestMs - REMEMBERED_MS) this.#given.delete(id);
    }
    if (this.#sinceMs !== undefined) this.#sinceMs = newestMs;
    if (fresh.length > 0) for (const listener of this.#listeners) listener.give(fresh);
    // The next look would find the same ones first: anyone who follows begins again.
    if (rows.length >= CHANGES_MAX) for (const listener of this.#listeners) listener.close();
  }
}

/** What waits for one listener: of each approval only its newest state. */
class Queue implements Listener {
  readonly #waiting = new Map<string, Decided>();
  readonly #onClose: (queue: Queue) => void;
  #resume: (() => void) | undefined;
  #closed = false;

  constructor(
    readonly follower: Follower,
    onClose: (queue: Queue) => void,
  ) {
    this.#onClose = onClose;
  }

  give(rows: readonly Decided[]): void {
    for (const row of rows) this.#waiting.set(row.id, row);
    if (this.#waiting.size > WAITING_MAX) this.close();
    this.#resume?.();
  }

  async next(waitMs: number, gone: AbortSignal): Promise<readonly Decided[] | undefined> {
    if (this.#waiting.size === 0 && !this.#closed && !gone.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const resume = (): void => resolve();
      const timer = setTimeout(resume, waitMs);
      this.#resume = resume;
      gone.addEventListener('abort', resume, { once: true });
      await promise;
      clearTimeout(timer);
      gone.removeEventListener('abort', resume);
    }
    if (this.#closed || gone.aborted) return undefined;
    const rows = [...this.#waiting.values()];
    this.#waiting.clear();
    return rows;
  }

  close(): void {
    this.#closed = true;
    this.#onClose(this);
    this.#resume?.();
  }
}
