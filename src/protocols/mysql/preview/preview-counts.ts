import type { AffectedPreview } from '../../../domain/approval.js';
import type { StatementPreview } from '../../sql/statement-preview.js';
import { BrokerError } from '../../../kernel/errors.js';
import type { RecordedValue } from '../../sql/bound-values.js';
import { quoteIdentifier } from '../account/sql-quote.js';
import { PARSERS_DISAGREE } from '../sql/opinion/opinion.js';
import { SAMPLE_CHARACTERS_MAX } from '../sql/preview/preview-column.js';
import type { OwnQuery } from '../sql/preview/preview-query.js';
import { unknownRows } from './partial-preview.js';
import type { PreviewConnection } from './preview-connection.js';
import type { AskingPlan } from './preview-obstacle.js';
import type { PreviewPlan } from './preview-plan.js';
import type { PreviewedStatement } from './previewed-statement.js';
import type { FullName } from './table-facts.js';

/** How many rows the statement would change, as far as one session can say it of another. @throws what the target answers */
export async function countAffected(
  connection: PreviewConnection,
  statement: PreviewedStatement,
  { plan, varying }: NonNullable<PreviewPlan['asks']>,
): Promise<AffectedPreview> {
  const rows =
    plan.kind === 'query' ? await countOf(connection, statement, plan.count) : await allRows(connection, plan.tables);
  return affectedOf(statement, plan, { rows, varying });
}

/** Some of the rows that would change; null where none are worth showing. @throws what the target answers */
export async function readSample(
  connection: PreviewConnection,
  statement: PreviewedStatement,
  plan: AskingPlan,
): Promise<StatementPreview['sample']> {
  if (plan.kind !== 'query' || plan.sample === null) return null;
  const { query, columns, of } = plan.sample;
  const rows = await connection.rows(query.text, boundIn(statement, query));
  const table = of.database === null ? {} : { of: { database: of.database, table: of.table } };
  return { columns, rows: rows.map((row) => row.map(shortened)), ...table };
}

/** All rows of a table. @throws what the target answers */
export async function countTable(connection: PreviewConnection, { database, table }: FullName): Promise<number> {
  const name = `${quoteIdentifier(database)}.${quoteIdentifier(table)}`;
  const [row] = await connection.rows(`SELECT COUNT(*) FROM ${name}`, []);
  return numberIn(row?.[0]);
}

/** What a count says about the session that waits. */
function affectedOf(
  { inTransaction, hasUncommitted = true, settings, facts }: PreviewedStatement,
  plan: AskingPlan,
  { rows, varying }: { readonly rows: number; readonly varying: string | null },
): AffectedPreview {
  const matches = rows === 1 ? '1 row matches' : `${rows} rows match`;
  if (inTransaction && hasUncommitted) {
    return unknownRows(`${matches}, but the preview does not see what the open transaction has changed itself.`);
  }
  if (plan.kind === 'query' && settings === undefined) {
    return unknownRows(
      `${matches}, but the broker does not know the settings of the session by which the target compares rows.`,
    );
  }
  if (varying !== null) return unknownRows(`${matches} now, but it depends on ${varying}: when it runs, others may.`);
  if (facts.notUnderstood?.startsWith(PARSERS_DISAGREE) === true) {
    return unknownRows(`${matches} as the broker reads the statement, but ${facts.notUnderstood}.`);
  }
  return { kind: 'exact', rows };
}

async function countOf(connection: PreviewConnection, statement: PreviewedStatement, query: OwnQuery): Promise<number> {
  const [row] = await connection.rows(query.text, boundIn(statement, query));
  return numberIn(row?.[0]);
}

async function allRows(
  connection: PreviewConnection,
  tables: (AskingPlan & { readonly kind: 'tables' })['tables'],
): Promise<number> {
  let rows = 0;
  for (const { database, table } of tables) {
    if (database === null) throw new BrokerError('target_protocol_violation');
    rows += await countTable(connection, { database, table });
  }
  return rows;
}

function boundIn({ values: bound = [] }: PreviewedStatement, { values }: OwnQuery): readonly RecordedValue[] {
  return values.flatMap((index) => bound[index] ?? []);
}

/** Never zero for want of an answer. */
function numberIn(text: string | null | undefined): number {
  if (text === null || text === undefined || !/^\d+$/.test(text)) throw new BrokerError('target_protocol_violation');
  return Number(text);
}

function shortened(value: string | null): string | null {
  if (value === null || value.length <= SAMPLE_CHARACTERS_MAX) return value;
  return `${value.slice(0, SAMPLE_CHARACTERS_MAX)}…`;
}
