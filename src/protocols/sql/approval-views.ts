import type { z } from 'zod';
import { shownLine, shownLines } from '../../domain/visible-text.js';
import type { ApprovalViews } from '../../protocol/approval-views.js';
import { sqlHeadline } from './asked-headline.js';
import { cellsOf, INDICATOR_WORDS, quotedText } from './bound-values.js';
import type { RecordedValue } from './bound-values.js';
import { type statementPreviewView, storedExcerpt, storedPreview, storedStatement } from './approval-schema.js';
import type { tableView } from './facts-view.js';
import { ROW_ACTIONS } from './statement.js';

type StoredStatement = z.infer<typeof storedStatement>;
type StoredBulk = NonNullable<StoredStatement['bulk']>;

/** What a row limit can be kept for: the server says how many rows such a statement changed. */
const COUNTS_ROWS: ReadonlySet<string> = new Set(ROW_ACTIONS);

/** Statements of relational databases, for those who decide. */
export const SQL_APPROVALS: Omit<ApprovalViews, 'digest'> = {
  excerpt(summary) {
    const { tables, tablesMore } = storedExcerpt.parse(summary);
    return { tables: tables.map(tableOf), tablesMore };
  },
  operation(question) {
    const { text, values, bulk, facts } = storedStatement.parse(question);
    return {
      text,
      shown: shownLines(text),
      values: values?.map((value) => ({ ...value, shown: shownValue(value) })) ?? null,
      bulk: bulk === undefined ? null : { rowCount: bulk.rowCount, rows: bulk.rows.map((row) => rowView(bulk, row)) },
      facts: factsOf(facts),
      highlight: null,
    };
  },
  preview(preview) {
    const { tables, sample, assigned, triggers, cascades, locks } = storedPreview.parse(preview);
    const known = assigned?.map(assignedView) ?? null;
    return {
      tables: tables.map((table) => ({
        ...table,
        database: shownLine(table.database),
        table: shownLine(table.table),
      })),
      sample: sample && {
        columns: sample.columns.map(shownLine),
        rows: sample.rows.map((row) => row.map((value) => (value === null ? null : shownLine(value)))),
        ...changesIn(sample, known ?? []),
      },
      assigned: known,
      triggers: triggers.map(shownLine),
      cascades: cascades.map(shownLine),
      locks: locks && {
        held: locks.held.map(shownLine),
        waiting: locks.waiting,
        waiters: locks.waiters.map(shownLine),
      },
    };
  },
  headline: sqlHeadline,
  isAlike(summary, other) {
    const [one, two] = [storedExcerpt.parse(summary), storedExcerpt.parse(other)];
    const [first, second] = [one.tables[0], two.tables[0]];
    if (one.action !== two.action || first === undefined || second === undefined) return false;
    return first.database === second.database && first.table === second.table;
  },
  difference: () => null,
  shape: () => null,
  whyNoRowLimit(summary) {
    const { action } = storedExcerpt.parse(summary);
    return action !== null && COUNTS_ROWS.has(action)
      ? null
      : 'A row limit can be kept for INSERT, UPDATE, DELETE and REPLACE only.';
  },
};

type AssignedView = NonNullable<z.infer<typeof statementPreviewView>['assigned']>[number];

function assignedView({ database, table, column, after }: AssignedView): AssignedView {
  const shown =
    after.by === 'database'
      ? { by: after.by, why: shownLine(after.why) }
      : { by: after.by, value: after.value === null ? null : shownLine(after.value) };
  return { database: shownLine(database), table: shownLine(table), column: shownLine(column), after: shown };
}

/** Of the columns of a sample those that are assigned, and what each has afterwards. */
function changesIn(
  { columns, of }: NonNullable<z.infer<typeof storedPreview>['sample']>,
  assigned: readonly AssignedView[],
) {
  const own = assigned.filter(
    ({ database, table }) =>
      of !== undefined && of !== null && shownLine(of.database) === database && shownLine(of.table) === table,
  );
  const after = columns.map((name) => own.findLast(({ column }) => column === shownLine(name))?.after ?? null);
  return { changed: columns.map(shownLine).filter((_, index) => after[index] !== null), after };
}

function factsOf({ columns: _columns, ...facts }: StoredStatement['facts']) {
  return {
    ...facts,
    tables: facts.tables.map(tableOf),
    functions: facts.functions.map(shownLine),
    unknownFunctions: facts.unknownFunctions.map(({ database, name }) => ({
      database: database === null ? null : shownLine(database),
      name: shownLine(name),
    })),
    triggers: facts.triggers.map(shownLine),
    notUnderstood: facts.notUnderstood === null ? null : shownLine(facts.notUnderstood),
  };
}

function tableOf({ database, table, action, by }: z.infer<typeof tableView>) {
  return { database: database === null ? null : shownLine(database), table: shownLine(table), action, by };
}

/** Text is told from what is only written like it: `'NULL'` and `NULL`, `'5'` and `5`. */
export function shownValue({ value, encoding }: RecordedValue): string {
  if (value === null) return 'NULL';
  if (typeof value === 'number') return String(value);
  return encoding === 'base64' ? `base64 ${value}` : `'${shownLine(value)}'`;
}

/** Its values stand side by side, so a text keeps its quotes whatever is in it. */
function rowView(bulk: StoredBulk, row: StoredBulk['rows'][number]) {
  return cellsOf(bulk, row).map((cell) => {
    if ('indicator' in cell) return { ...cell, shown: INDICATOR_WORDS[cell.indicator] };
    const { value, encoding } = cell;
    const isText = typeof value === 'string' && encoding === undefined;
    return { ...cell, shown: isText ? shownLine(quotedText(value)) : shownValue(cell) };
  });
}
