import type { OutcomeToIndex, IndexedOutcome, StatementToIndex } from './indexed-statement.js';

/** What the statements of one recording come to, as far as it has been read. */
export interface StatementCounts {
  readonly statements: number;
  readonly held: number;
  readonly denied: number;
  readonly errors: number;
  /** Rows that were read, and rows that were changed. */
  readonly rows: number;
  readonly changed: number;
}

const NONE: StatementCounts = { statements: 0, held: 0, denied: 0, errors: 0, rows: 0, changed: 0 };

/** The counts with what further entries brought. */
export function countsWith(
  counts: StatementCounts | null,
  {
    statements,
    outcomes,
  }: { readonly statements: readonly StatementToIndex[]; readonly outcomes: readonly OutcomeToIndex[] },
): StatementCounts {
  const withStatements = statements.reduce((sum, { verdict, outcome }) => {
    const asked = {
      ...sum,
      statements: sum.statements + 1,
      held: sum.held + Number(verdict === 'hold'),
      denied: sum.denied + Number(verdict === 'deny'),
    };
    return withOutcome(asked, outcome, 1);
  }, counts ?? NONE);
  return outcomes.reduce(
    (sum, { before, after }) => withOutcome(withOutcome(sum, before, -1), after, 1),
    withStatements,
  );
}

function withOutcome(sum: StatementCounts, { error, rows, changed }: IndexedOutcome, times: 1 | -1): StatementCounts {
  return {
    ...sum,
    errors: sum.errors + times * Number(error !== null),
    rows: sum.rows + times * (rows ?? 0),
    changed: sum.changed + times * (changed ?? 0),
  };
}
