import type { Clock } from '../../../kernel/clock.js';
import type { AdminConnection } from '../account/admin-connection.js';
import type { LockWait } from '../../sql/privileges/turn-wait.js';
import { readLockWaits } from './lock-waits.js';

/** A session whose transactions are looked after. */
export interface WatchedSession {
  /** Of the target. */
  readonly thread: number;
  /** Since when its transaction is open, in microseconds; undefined when none is. */
  readonly openSinceUs: number | undefined;
  /** Somebody has waited for its locks for this long again, or it could not be known whether somebody has. */
  readonly kept: (ms: number, sight: LockSight) => void;
}

export type LockSight = 'waited for' | 'unknown';

/** What a session needs of the watch. */
export type SessionLocks = Pick<LockWatch, 'watch'>;

export interface LockWatchOptions {
  readonly withAdmin: <T>(work: (admin: AdminConnection) => Promise<T>) => Promise<T>;
  readonly clock: Clock;
}

const LOOK_EVERY_MS = 1_000;

/**
 * Looks whether somebody waits for what open transactions of one grant have locked, every second while there is one that
 * is older. Nothing is asked for shorter ones. What cannot be known counts as waited for.
 */
export class LockWatch {
  readonly #options: LockWatchOptions;
  readonly #sessions = new Set<WatchedSession>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #lookedUs: number;

  constructor(options: LockWatchOptions) {
    this.#options = options;
    this.#lookedUs = options.clock.monotonicUs();
  }

  /** Looks after a session until what comes back is called. */
  watch(session: WatchedSession): () => void {
    this.#sessions.add(session);
    this.#timer ??= setInterval(() => {
      this.#looking ??= this.#look().finally(() => {
        this.#looking = undefined;
      });
    }, LOOK_EVERY_MS);
    return () => {
      this.#sessions.delete(session);
      if (this.#sessions.size === 0) this.#stop();
    };
  }

  /** Who waits for whom now; undefined when the target does not tell. */
  async waits(): Promise<readonly LockWait[] | undefined> {
    try {
      return await this.#options.withAdmin(readLockWaits);
    } catch {
      return undefined; // told apart from "nobody": it counts as if somebody waited
    }
  }

  /** Resolves when nothing of this works at the target any more. */
  async close(): Promise<void> {
    this.#sessions.clear();
    this.#stop();
    await this.#looking;
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #look(): Promise<void> {
    const nowUs = this.#options.clock.monotonicUs();
    // A process that was stopped for a while has not seen whether somebody waited meanwhile.
    const sinceMs = Math.min((nowUs - this.#lookedUs) / 1000, 2 * LOOK_EVERY_MS);
    this.#lookedUs = nowUs;
    const old = [...this.#sessions].filter(
      ({ openSinceUs }) => openSinceUs !== undefined && nowUs - openSinceUs >= LOOK_EVERY_MS * 1000,
    );
    if (old.length === 0) return;
    const waits = await this.waits();
    for (const session of old) {
      if (waits === undefined) session.kept(sinceMs, 'unknown');
      else if (waits.some((wait) => isFor(wait, session.thread))) session.kept(sinceMs, 'waited for');
    }
  }
}

function isFor({ waiting, blocking }: LockWait, thread: number): boolean {
  return waiting !== thread && (blocking === null || blocking === thread);
}
