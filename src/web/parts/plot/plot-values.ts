/** Each tone has a colour and a pattern, so that neither stands alone. */
export type PlotTone = 1 | 2 | 3 | 4 | 5;

export interface PlotValues {
  readonly label: string;
  readonly tone: PlotTone;
  /** One for each x; null where there is none. */
  readonly values: readonly (number | null)[];
  /** A second scale on the right, from 0 to 100. */
  readonly isShare?: boolean;
}

export interface PlotProps {
  /** Says what the plot shows, with its sums, to those who do not see it. */
  readonly summary: string;
  readonly kind: 'stacked bars' | 'lines';
  /** Seconds since the epoch, or the places of `names`. */
  readonly xs: readonly number[];
  /** What stands below the bars in place of times. */
  readonly names?: readonly string[];
  readonly series: readonly PlotValues[];
  readonly scale?: 'even' | 'powers of ten';
  readonly yText?: (value: number) => string;
  /** Where the left scale has its marks; round numbers where absent. */
  readonly ySplits?: readonly number[];
  /** Places of `xs` that get a triangle. */
  readonly marked?: readonly number[];
}
