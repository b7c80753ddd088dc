import type { z } from 'zod';
import type { ApprovalSummaryView, ApprovalView, PreviewView } from '../../../contracts/approval.js';
import { previewView, statementView, type StatementView } from '../../../protocols/sql/approval-schema.js';

/** A line of the screen: what it says, and about what; a name that is empty goes on with the line before. */
export type Field = readonly [name: string, text: string];

/** Some of the rows that match. */
export type SampleRows = NonNullable<z.infer<typeof previewView>['sample']>;

export function sampleOf(preview: PreviewView): SampleRows | null {
  return previewView.safeParse(preview).data?.sample ?? null;
}

/** What is told of a statement besides its text; of a protocol that this program has no words for, what it is. */
export function statementFields(
  { excerpt }: ApprovalSummaryView,
  statement: NonNullable<ApprovalView['statement']>,
): readonly Field[] {
  const { data } = statementView.safeParse(statement);
  if (data === undefined) return excerpt === null ? [] : [['does', `${excerpt.kind} (${excerpt.action})`]];
  const { values, bulk, facts } = data;
  const touched = facts.tables.map(({ database, table, action, by }) => {
    const place = database === null ? table : `${database}.${table}`;
    return `${action} ${place}${by === 'text' ? '' : ` (by ${by})`}`;
  });
  const unknown = facts.unknownFunctions.map(({ database, name }) =>
    database === null ? name : `${database}.${name}`,
  );
  const where = { none: 'no WHERE', constant: 'WHERE names no column', column: 'WHERE names a column' }[facts.where];
  return [
    ...(values ?? []).map(({ type, shown }, index) => [`value ${index + 1}`, `${type} ${shown}`] as const),
    ...rowFields(bulk),
    ...(facts.notUnderstood === null
      ? []
      : [['UNKNOWN', `the broker did not understand it: ${facts.notUnderstood}`] as const]),
    ['does', [excerpt?.kind ?? facts.kind, where, ...facts.flags].join(', ')],
    ...touched.map((text) => ['touches', text] as const),
    ...(unknown.length === 0 ? [] : [['runs code', unknown.join(', ')] as const]),
    ...(facts.statements > 1 ? [['statements', String(facts.statements)] as const] : []),
  ];
}

/** More of them are in the answer of the API, and all in the recording. */
const SHOWN_ROWS_MAX = 10;

function rowFields(bulk: StatementView['bulk']): readonly Field[] {
  if (bulk === null) return [];
  const first = bulk.rows.slice(0, SHOWN_ROWS_MAX);
  const more = bulk.rowCount - first.length;
  return [
    ['runs', `once for each of ${bulk.rowCount} ${bulk.rowCount === 1 ? 'row' : 'rows'} of values`],
    ...first.map((row, index): Field => [`row ${index + 1}`, row.map(({ shown }) => shown).join(', ')]),
    ...(more === 0 ? [] : [['more', `${more} more ${more === 1 ? 'row' : 'rows'} of values`] as const]),
  ];
}

type ReadyPreview = Extract<PreviewView, { state: 'ready' }>;

/** What was found out about the rows, as far as this program has words for it. */
export function readyPreview(preview: ReadyPreview): readonly Field[] {
  const { affected, takenAt } = preview;
  const rows = affected.kind === 'exact' ? `exactly ${affected.rows} rows match` : `cannot be known: ${affected.why}`;
  const found: Field = ['preview', `${rows} (at ${takenAt})`];
  const { data } = previewView.safeParse(preview);
  if (data === undefined) return [found];
  const { tables, triggers, cascades, locks } = data;
  return [
    found,
    ...tables.map((table) => {
      const count = table.rows === null ? 'unknown' : `${table.estimated ? 'about ' : ''}${table.rows}`;
      return ['table', `${table.database}.${table.table}: ${count} rows${table.isWritten ? ', written' : ''}`] as const;
    }),
    ...triggers.map((trigger) => ['trigger', trigger] as const),
    ...cascades.map((cascade) => ['cascade', cascade] as const),
    ...(locks?.held ?? []).map((held) => ['holds', held] as const),
    ...(locks === null ? [] : [['waiting', waitingText(locks)] as const]),
  ];
}

function waitingText({ waiting, waiters }: { readonly waiting: number | null; readonly waiters: readonly string[] }) {
  if (waiting === null) return 'the broker cannot see who waits for its locks';
  const names = waiters.length === 0 ? '' : `: ${waiters.join(', ')}`;
  return `${waiting} ${waiting === 1 ? 'other waits' : 'others wait'} for its locks${names}`;
}
