import type { AffectedPreview } from '../../../domain/approval.js';
import type { PreviewTable } from '../../sql/statement-preview.js';
import { tableKey, type CatalogSnapshot, type TableKey } from '../../sql/catalog.js';
import { previewQueryOf, type PreviewQuery } from '../sql/preview/preview-query.js';
import { unknownRows } from './partial-preview.js';
import {
  decidedAnew,
  isInside,
  previewObstacle,
  tablesRead,
  type AskingPlan,
  type PreviewedGrant,
} from './preview-obstacle.js';
import type { PreviewedStatement } from './previewed-statement.js';
import type { FullName, TableFacts } from './table-facts.js';

/** What is known when the target's rows are still to be looked at. */
export interface PlannedStatement {
  readonly statement: PreviewedStatement;
  readonly order: PreviewedGrant;
  readonly snapshot: CatalogSnapshot;
  readonly known: ReadonlyMap<TableKey, TableFacts>;
  readonly tables: readonly PreviewTable[];
  readonly countedRowsMax: number;
}

/** What a preview asks the target about rows. */
export interface PreviewPlan {
  /** What needs no asking, or why it must not be asked; null where `asks` tells. */
  readonly affected: AffectedPreview | null;
  /** What counts the rows that would change, and what makes that number another one when the statement runs. */
  readonly asks: { readonly plan: AskingPlan; readonly varying: string | null } | null;
  /** The tables that are small enough to be counted themselves. */
  readonly counted: readonly FullName[];
  /** All that is read: the preview's account can read these and nothing else. */
  readonly read: readonly FullName[];
}

const COUNTED_TABLES_MAX = 8;

export function planPreview(planned: PlannedStatement): PreviewPlan {
  const { statement, order, snapshot, known } = planned;
  const { text, dialect, database, bulk } = statement;
  const query = previewQueryOf({
    text,
    dialect,
    database,
    columns: (name) =>
      name.database === null ? undefined : known.get(tableKey(snapshot, name.database, name.table))?.columns,
  });
  const plan = bulk === undefined ? query : planOfEach(query, bulk.rows);
  const counted = order.target.credentials === 'static' ? [] : countable(planned);
  if (plan.kind === 'unknown') return { affected: unknownRows(plan.why), asks: null, counted, read: counted };
  const obstacle = previewObstacle(plan, { statement, order, snapshot });
  if (obstacle !== null) return { affected: unknownRows(obstacle), asks: null, counted, read: counted };
  if (plan.kind === 'rows') {
    return { affected: { kind: 'exact', rows: plan.rows }, asks: null, counted, read: counted };
  }
  const asks = { plan, varying: decidedAnew(plan, { statement, snapshot }, known) };
  return { affected: null, asks, counted, read: distinct([...counted, ...tablesRead(plan)]) };
}

/** The tables of the grant that are small enough to count them all. */
function countable({ tables, order, snapshot, countedRowsMax }: PlannedStatement): readonly FullName[] {
  return tables
    .filter((table) => table.rows !== null && table.rows <= countedRowsMax)
    .filter((table) => isInside(order, table, snapshot.foldsCase))
    .slice(0, COUNTED_TABLES_MAX);
}

/** Of a statement that runs once for each of so many rows of values, each time on what the time before has left. */
function planOfEach(plan: PreviewQuery, rows: number): PreviewQuery {
  if (plan.kind === 'unknown') return plan;
  if (plan.kind === 'rows') return { kind: 'rows', rows: plan.rows * rows };
  const times = rows === 1 ? 'one row' : `${rows} rows`;
  return {
    kind: 'unknown',
    why: `The statement runs once for each of ${times} of values. The preview does not count what they match together.`,
  };
}

function distinct(tables: readonly FullName[]): readonly FullName[] {
  return [
    ...new Map(tables.map(({ database, table }) => [JSON.stringify([database, table]), { database, table }])).values(),
  ];
}
