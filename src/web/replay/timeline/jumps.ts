import type { RecordingMark } from '../../../contracts/recordings/recording-marks.js';

export type MarkKind = RecordingMark['kind'];

/** In the order of the lanes. */
export const MARK_KINDS: readonly MarkKind[] = ['write', 'held', 'denied', 'error', 'session'];

export interface MarkQuery {
  readonly from: number;
  readonly way: 'next' | 'previous';
  /** Absent: any kind. */
  readonly kind?: MarkKind;
}

/** The entry of the mark that is next from an entry; after the last one comes the first again. `marks` is ordered by `seq`. */
export function markFrom(marks: readonly RecordingMark[], { from, way, kind }: MarkQuery): number | undefined {
  const of = kind === undefined ? marks : marks.filter((mark) => mark.kind === kind);
  const found = way === 'next' ? of.find(({ seq }) => seq > from) : of.findLast(({ seq }) => seq < from);
  return (found ?? (way === 'next' ? of[0] : of.at(-1)))?.seq;
}

/**
 * Between which entries a moment lies, as the marks say: one that is not later, and one that is not earlier.
 * `last` is the last entry with its time.
 */
export function bracketOf(
  marks: readonly RecordingMark[],
  us: number,
  last: { readonly seq: number; readonly monoUs: number },
): { readonly low: Moment; readonly high: Moment } {
  let low: Moment = { seq: 1, monoUs: 0 };
  for (const mark of marks) {
    if (mark.monoUs > us) return { low, high: mark };
    if (mark.seq > low.seq) low = mark;
  }
  return { low, high: last };
}

export interface Moment {
  readonly seq: number;
  readonly monoUs: number;
}

/** Where an entry of that time is expected between two others, strictly within them. */
export function guessBetween(low: Moment, high: Moment, us: number): number {
  const share = high.monoUs > low.monoUs ? (us - low.monoUs) / (high.monoUs - low.monoUs) : 0.5;
  const guess = Math.round(low.seq + share * (high.seq - low.seq));
  return Math.min(Math.max(guess, low.seq + 1), high.seq - 1);
}
