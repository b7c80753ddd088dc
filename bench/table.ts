import { type Bounds, type Figure, format, type Mark, markOf, type Scale } from './figures.js';

/** A figure, or why there is none: the row cannot be measured here, or it failed. */
export type Measured = { readonly figure: Figure } | { readonly skipped: string } | { readonly failed: string };

export type Outcome = { readonly name: string; readonly what: string; readonly bounds: Bounds | Scale } & Measured;

/** `skipped` or `failed` when there is no figure. */
export function outcomeMark(outcome: Outcome): Mark | 'skipped' | 'failed' {
  if ('figure' in outcome) return markOf(outcome.figure.value, outcome.bounds);
  return 'failed' in outcome ? 'failed' : 'skipped';
}

function detailOf(outcome: Outcome): string {
  if ('figure' in outcome) return outcome.figure.detail;
  return 'failed' in outcome ? outcome.failed : outcome.skipped;
}

/** The performance table, one line for each row, columns aligned. */
export function tableOf(outcomes: readonly Outcome[]): string {
  const lines = [
    ['row', 'measured', 'floor', 'goal', 'holds', 'out of'],
    ...outcomes.map((outcome) => {
      const { name, bounds } = outcome;
      return [
        name,
        'figure' in outcome ? format(outcome.figure.value, bounds.unit) : '-',
        ...('floor' in bounds ? [format(bounds.floor, bounds.unit), format(bounds.goal, bounds.unit)] : ['-', '-']),
        outcomeMark(outcome),
        detailOf(outcome),
      ];
    }),
  ];
  const widths = lines.reduce<readonly number[]>(
    (known, line) => line.map((cell, index) => Math.max(known[index] ?? 0, cell.length)),
    [],
  );
  return lines
    .map((line) =>
      line
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
