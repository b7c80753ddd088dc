/**
 * Counts what may be done so and so often within a time: a bucket of units that fills up again, evenly. Anyone who takes
 * no faster than it fills never finds it empty, and a full one can be emptied at once.
 * Kept as one number (GCRA, https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm): the time at which it is full again.
 */
export interface BucketSize {
  /** What a full bucket holds; at least 1. */
  readonly units: number;
  /** How long an empty one takes to be full. */
  readonly periodMs: number;
}

/** What an attempt to take a unit found. */
export interface BucketAnswer {
  readonly isTaken: boolean;
  /** Whole units that are left. */
  readonly left: number;
  /** Until there is one more; 0 when the bucket is full. */
  readonly nextMs: number;
}

/** Takes units out of a bucket, or only looks with 0 units. Undefined as `fullAtUs`: it is full. Times of one clock, in us. */
export function takeFrom(
  fullAtUs: number | undefined,
  { units, periodMs }: BucketSize,
  { nowUs, wanted }: { readonly nowUs: number; readonly wanted: number },
): { readonly isTaken: boolean; readonly fullAtUs: number } {
  const lastUs = nowUs + periodMs * 1000; // also where the clock went back, or the bucket was larger before
  const fromUs = Math.min(Math.max(fullAtUs ?? 0, nowUs), lastUs);
  const toUs = fromUs + wanted * unitUs({ units, periodMs });
  return toUs > lastUs ? { isTaken: false, fullAtUs: fromUs } : { isTaken: true, fullAtUs: toUs };
}

/** @param missingUs how long the bucket still takes to be full */
export function bucketAnswer(isTaken: boolean, missingUs: number, size: BucketSize): BucketAnswer {
  const { units, periodMs } = size;
  const [oneUs, periodUs] = [unitUs(size), periodMs * 1000];
  const left = Math.min(Math.max(Math.floor((periodUs - missingUs) / oneUs), 0), units);
  const nextUs = left >= units ? 0 : missingUs - (periodUs - (left + 1) * oneUs);
  return { isTaken, left, nextMs: Math.ceil(nextUs / 1000) };
}

/** Whole microseconds, so that all units together never take longer than the period. */
function unitUs({ units, periodMs }: BucketSize): number {
  return Math.floor((periodMs * 1000) / units);
}
