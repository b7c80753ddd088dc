import type { z } from 'zod';
import type { Digest, PlainField } from '../../domain/headline.js';
import type { ShownParts } from '../../protocol/approval-views.js';
import { statementPreviewView, askedStatementView, type AskedStatementView } from './approval-schema.js';

/** More of them are in the answer of the API, and all in the recording. */
const SHOWN_ROWS_MAX = 10;

const statementParts = askedStatementView.pick({ values: true, bulk: true, facts: true });
const previewParts = statementPreviewView.pick({
  tables: true,
  sample: true,
  triggers: true,
  cascades: true,
  locks: true,
});
type PreviewParts = z.infer<typeof previewParts>;

/** What is told of a statement besides its text, in words. */
export function sqlDigest({ kind, operation, preview: shown }: ShownParts): Digest {
  const statement = operation && statementParts.parse(operation);
  const preview = shown && previewParts.parse(shown);
  return {
    values: statement === null ? [] : [...valueFields(statement.values), ...rowFields(statement.bulk)],
    operation: statement === null ? [] : factFields(statement.facts, kind),
    preview: preview === null ? [] : foundFields(preview),
    sample: preview?.sample ? { columns: preview.sample.columns, rows: preview.sample.rows } : null,
  };
}

function valueFields(values: AskedStatementView['values']): readonly PlainField[] {
  return (values ?? []).map(({ type, shown }, index) => [`value ${index + 1}`, `${type} ${shown}`] as const);
}

function rowFields(bulk: AskedStatementView['bulk']): readonly PlainField[] {
  if (bulk === null) return [];
  const first = bulk.rows.slice(0, SHOWN_ROWS_MAX);
  const more = bulk.rowCount - first.length;
  return [
    ['runs', `once for each of ${bulk.rowCount} ${bulk.rowCount === 1 ? 'row' : 'rows'} of values`],
    ...first.map((row, index): PlainField => [`row ${index + 1}`, row.map(({ shown }) => shown).join(', ')]),
    ...(more === 0 ? [] : [['more', `${more} more ${more === 1 ? 'row' : 'rows'} of values`] as const]),
  ];
}

function factFields(facts: AskedStatementView['facts'], kind: string): readonly PlainField[] {
  const touched = facts.tables.map(({ database, table, action, by }) => {
    const place = database === null ? table : `${database}.${table}`;
    return `${action} ${place}${by === 'text' ? '' : ` (by ${by})`}`;
  });
  const unknown = facts.unknownFunctions.map(({ database, name }) =>
    database === null ? name : `${database}.${name}`,
  );
  const where = { none: 'no WHERE', constant: 'WHERE names no column', column: 'WHERE names a column' }[facts.where];
  return [
    ...(facts.notUnderstood === null
      ? []
      : [['UNKNOWN', `the broker did not understand it: ${facts.notUnderstood}`] as const]),
    ['does', [kind, where, ...facts.flags].join(', ')],
    ...touched.map((text) => ['touches', text] as const),
    ...(unknown.length === 0 ? [] : [['runs code', unknown.join(', ')] as const]),
    ...(facts.statements > 1 ? [['statements', String(facts.statements)] as const] : []),
  ];
}

function foundFields({ tables, triggers, cascades, locks }: PreviewParts): readonly PlainField[] {
  const held: readonly PlainField[] = (locks?.held ?? []).map((text) => ['holds', text] as const);
  return [
    ...tables.map((table): PlainField => {
      const count = table.rows === null ? 'unknown' : `${table.estimated ? 'about ' : ''}${table.rows}`;
      return ['table', `${table.database}.${table.table}: ${count} rows${table.isWritten ? ', written' : ''}`];
    }),
    ...triggers.map((trigger): PlainField => ['trigger', trigger]),
    ...cascades.map((cascade): PlainField => ['cascade', cascade]),
    ...held,
    ...(locks === null ? [] : [['waiting', waitingText(locks)] as const]),
  ];
}

function waitingText({ waiting, waiters }: { readonly waiting: number | null; readonly waiters: readonly string[] }) {
  if (waiting === null) return 'the broker cannot see who waits for its locks';
  const names = waiters.length === 0 ? '' : `: ${waiters.join(', ')}`;
  return `${waiting} ${waiting === 1 ? 'other waits' : 'others wait'} for its locks${names}`;
}
