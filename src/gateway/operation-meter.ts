import type { Verdict } from '../domain/verdict.js';

/** How an operation came to the target that nobody was asked about: at once, or with privileges given for it alone. */
export const OPERATION_WAYS = ['straight', 'lent'] as const;
export type OperationWay = (typeof OPERATION_WAYS)[number];

/** Upper bounds of what is counted together, in microseconds. */
export const ADDED_BOUNDS_US = [50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 100_000, 1_000_000] as const;

/** Times by their size: `counts` has one number for each bound, not summed up, and one for what is beyond the last. */
export interface AddedTimes {
  readonly counts: readonly number[];
  readonly sumUs: number;
}

/** Counts the operations of a gateway. It stands between a chunk and its forwarding, so it adds up numbers and no more. */
export class OperationMeter {
  readonly #verdicts: Record<Verdict, number> = { allow: 0, hold: 0, deny: 0 };
  readonly #counts: Record<OperationWay, number[]> = { straight: noneYet(), lent: noneYet() };
  readonly #sumUs: Record<OperationWay, number> = { straight: 0, lent: 0 };

  get verdicts(): Readonly<Record<Verdict, number>> {
    return this.#verdicts;
  }

  added(way: OperationWay): AddedTimes {
    return { counts: this.#counts[way], sumUs: this.#sumUs[way] };
  }

  judged(verdict: Verdict): void {
    this.#verdicts[verdict] += 1;
  }

  /** From when it was read until it left for the target. */
  forwarded(way: OperationWay, us: number): void {
    const counts = this.#counts[way];
    let index = 0;
    while (index < ADDED_BOUNDS_US.length && us > (ADDED_BOUNDS_US[index] ?? 0)) index += 1;
    counts[index] = (counts[index] ?? 0) + 1;
    this.#sumUs[way] += us;
  }
}

function noneYet(): number[] {
  return Array.from({ length: ADDED_BOUNDS_US.length + 1 }, () => 0);
}
