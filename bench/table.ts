import { type Bounds, type Figure, format, type Mark, markOf, type Scale } from './figures.js';

/** A row as it was measured, or why it was not. */
export type Outcome = { readonly name: string; readonly what: string; readonly bounds: Bounds | Scale } & (
  { readonly figure: Figure } | { readonly skipped: string }
);

/** `skipped` when there is no figure. */
export function outcomeMark(outcome: Outcome): Mark | 'skipped' {
  return 'figure' in outcome ? markOf(outcome.figure.value, outcome.bounds) : 'skipped';
}

/** The performance table, one line for each row, columns aligned. */
export function tableOf(outcomes: readonly Outcome[]): string {
  const lines = [
    ['row', 'measured', 'floor', 'goal', 'holds', 'out of'],
    ...outcomes.map((outcome) => {
      const { name, bounds } = outcome;
      const has = 'figure' in outcome;
      return [
        name,
        has ? format(outcome.figure.value, bounds.unit) : '-',
        ...('floor' in bounds ? [format(bounds.floor, bounds.unit), format(bounds.goal, bounds.unit)] : ['-', '-']),
        outcomeMark(outcome),
        has ? outcome.figure.detail : outcome.skipped,
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
