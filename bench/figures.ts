/** What a row came to. */
export interface Figure {
  readonly value: number;
  /** Each run's value, in the order of the runs. */
  readonly samples: readonly number[];
  /** What was measured to get there, in a few words. */
  readonly detail: string;
}

export type Unit = 'ratio' | 'MiB' | 'KiB' | 'B' | 's' | 'ms' | 'µs' | 'MB/s';

/** The limits of a row: it must reach its floor and should reach its goal. */
export interface Bounds {
  readonly floor: number;
  readonly goal: number;
  readonly unit: Unit;
  readonly better: 'higher' | 'lower';
}

/** A row without limits. */
export type Scale = Pick<Bounds, 'unit'>;

export type Mark = 'goal' | 'floor' | 'MISS' | '-';

export function markOf(value: number, bounds: Bounds | Scale): Mark {
  if (!('floor' in bounds)) return '-';
  const { floor, goal, better } = bounds;
  const reaches = (bound: number): boolean => (better === 'higher' ? value >= bound : value <= bound);
  if (reaches(goal)) return 'goal';
  return reaches(floor) ? 'floor' : 'MISS';
}

/** The middle of the values, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (upper === undefined || lower === undefined) throw new Error('There is no median of nothing');
  return (lower + upper) / 2;
}

/** A value as the table shows it. */
export function format(value: number, unit: Unit): string {
  if (unit === 'ratio') return value.toFixed(2);
  return `${value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 1 : 0 })} ${unit}`;
}

/** Whole numbers with separators. */
export function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}
