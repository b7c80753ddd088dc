import type { Caller } from '../http/access.js';

const AGE_MS_MAX = 5_000;
const CALLERS_MAX = 1_000;

interface Remembered {
  readonly caller: Caller;
  readonly untilMs: number;
}

/**
 * Who stands behind the keys that were used a moment ago, so that a busy caller costs no query for each call. A key
 * that another process revoked works here until its message comes, without it for at most five seconds more; one that
 * this process revoked, not at all.
 */
export class CallerCache {
  readonly #remembered = new Map<string, Remembered>();
  /** Counts how often all was forgotten: what was read before that must not be remembered after. */
  #generation = 0;

  get generation(): number {
    return this.#generation;
  }

  find(keyHash: string, nowMs: number): Caller | undefined {
    const found = this.#remembered.get(keyHash);
    if (found === undefined || found.untilMs > nowMs) return found?.caller;
    this.#remembered.delete(keyHash);
    return undefined;
  }

  remember(
    keyHash: string,
    caller: Caller,
    {
      nowMs,
      generation,
      ageMs = AGE_MS_MAX,
      endsAtMs = null,
    }: {
      readonly nowMs: number;
      readonly generation: number;
      readonly ageMs?: number;
      /** When the key or session itself ends. */
      readonly endsAtMs?: number | null;
    },
  ) {
    if (generation !== this.#generation) return;
    const [oldest] = this.#remembered.keys();
    if (oldest !== undefined && this.#remembered.size >= CALLERS_MAX) this.#remembered.delete(oldest);
    this.#remembered.set(keyHash, { caller, untilMs: Math.min(nowMs + ageMs, endsAtMs ?? Infinity) });
  }

  /** After a key was revoked, a principal changed or sessions ended, here or in another process. */
  forgetAll(): void {
    this.#generation += 1;
    this.#remembered.clear();
  }
}
