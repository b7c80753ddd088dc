import type { PreviewTable, StatementPreview } from '../../sql/statement-preview.js';
import { BrokerError } from '../../../kernel/errors.js';
import type { CatalogSnapshot } from '../../sql/catalog.js';
import { mayLimitRows, undoesAll } from '../../sql/catalog/can-roll-back.js';
import { expandStatement } from '../../sql/expand.js';
import type { AdminConnection } from '../account/admin-connection.js';
import { newPassword } from '../account/password.js';
import type { MysqlOrder } from '../grant-order.js';
import {
  estimatedTables,
  touchedTables,
  uncounted,
  unknownRows,
  withCount,
  type PreviewPart,
} from './partial-preview.js';
import { assignedValues } from './assigned-values.js';
import { createPreviewAccount, dropPreviewAccount, previewAccountName } from './preview-account.js';
import { PreviewConnection } from './preview-connection.js';
import { countAffected, countTable, readSample } from './preview-counts.js';
import { databaseOf } from './preview-obstacle.js';
import { planPreview, type PreviewPlan } from './preview-plan.js';
import { reasonOf } from './preview-reason.js';
import type { PreviewedStatement, PreviewLimits } from './previewed-statement.js';
import { readTableFacts } from './table-facts.js';
import { readLocks } from './transaction-locks.js';

/** What a preview works with. */
export interface PreviewOptions {
  readonly order: MysqlOrder;
  readonly withAdmin: <T>(work: (admin: AdminConnection) => Promise<T>) => Promise<T>;
  readonly snapshot: () => Promise<CatalogSnapshot>;
  readonly limits: PreviewLimits;
}

/**
 * The parts of one preview, each as soon as it is learnt: what the catalog says, what the server estimates, who waits for
 * the open transaction, and what an account of the preview's own counts. Ends early once the signal is aborted.
 * @throws what a part needs and did not come; the parts before are true all the same
 */
export async function* previewParts(
  statement: PreviewedStatement,
  options: PreviewOptions,
  signal: AbortSignal,
): AsyncGenerator<PreviewPart> {
  const { order, withAdmin, limits } = options;
  const snapshot = await options.snapshot();
  const { facts, cascades } = expandStatement(statement.facts, snapshot, statement.database);
  const touched = touchedTables(facts);
  const isCounted = statement.bulk?.isCounted ?? true;
  const canLimitRows = isCounted && mayLimitRows(facts) && undoesAll(snapshot, facts);
  yield { canLimitRows, triggers: facts.triggers, cascades, tables: touched.map(uncounted) };
  const known = await withAdmin((admin) => readTableFacts(admin, snapshot, touched));
  const tables = estimatedTables(touched, known, snapshot);
  yield { tables, assigned: assignedValues(statement, { snapshot, known }) };
  if (statement.inTransaction) yield { locks: await locksOf(statement, options) };
  const { countedRowsMax } = limits;
  const plan = planPreview({ statement, order, snapshot, known, tables, countedRowsMax });
  yield { affected: plan.affected };
  if (plan.read.length === 0 || signal.aborted) return;
  yield* countedParts({ statement, options, plan, tables, snapshot }, signal);
}

/** Null where they cannot be seen. */
async function locksOf(
  { thread }: PreviewedStatement,
  { withAdmin }: Pick<PreviewOptions, 'withAdmin'>,
): Promise<StatementPreview['locks']> {
  try {
    return await withAdmin((admin) => readLocks(admin, thread));
  } catch (error) {
    if (!(error instanceof BrokerError)) throw error;
    return null;
  }
}

interface CountedPreview {
  readonly statement: PreviewedStatement;
  readonly options: PreviewOptions;
  readonly plan: PreviewPlan;
  readonly tables: readonly PreviewTable[];
  readonly snapshot: CatalogSnapshot;
}

/** What is counted with the preview's own account, which is made for it and dropped after it. */
async function* countedParts(counted: CountedPreview, signal: AbortSignal): AsyncGenerator<PreviewPart> {
  const { options, plan } = counted;
  const { order, withAdmin } = options;
  let connection: PreviewConnection | undefined;
  const close = (): void => connection?.close();
  signal.addEventListener('abort', close);
  try {
    connection = await connectAsPreview(counted);
    if (signal.aborted) return;
    if (plan.asks !== null) yield* affectedParts(connection, counted, plan.asks, signal);
    let { tables } = counted;
    for (const table of plan.counted) {
      const rows = await unlessRefused(countTable(connection, table), signal);
      // Else the estimate stays, and is marked as one.
      if (rows !== undefined) tables = withCount(tables, table, rows);
      yield { tables };
    }
  } finally {
    signal.removeEventListener('abort', close);
    close();
    await withAdmin((admin) => dropPreviewAccount(admin, order.taskAccount));
  }
}

/** Makes the account that can read these tables and nothing else, and logs in with it. */
async function connectAsPreview({ statement, options, plan, snapshot }: CountedPreview): Promise<PreviewConnection> {
  const { order, withAdmin, limits } = options;
  const { taskAccount, target } = order;
  const { statementMsMax } = limits;
  const login = { username: previewAccountName(taskAccount), password: newPassword() };
  await withAdmin(async (admin) => {
    await dropPreviewAccount(admin, taskAccount);
    await createPreviewAccount(admin, {
      name: login.username,
      password: login.password,
      tables: plan.read,
      statementMsMax,
      tlsMode: target.endpoint.tls.mode,
    });
  });
  const { dialect, settings } = statement;
  const database = databaseOf(statement, plan.read, snapshot);
  const session = { sqlMode: dialect.sqlMode, database, settings, statementMsMax };
  return PreviewConnection.open({ endpoint: target.endpoint, ...login }, session);
}

/** How many rows would change, and some of them; where they cannot be counted, why. */
async function* affectedParts(
  connection: PreviewConnection,
  { statement, options }: CountedPreview,
  asks: NonNullable<PreviewPlan['asks']>,
  signal: AbortSignal,
): AsyncGenerator<PreviewPart> {
  try {
    yield { affected: await countAffected(connection, statement, asks) };
  } catch (error) {
    if (signal.aborted) throw error;
    yield { affected: unknownRows(reasonOf(error, options.limits.statementMsMax)) };
    return;
  }
  yield { sample: (await unlessRefused(readSample(connection, statement, asks.plan), signal)) ?? null };
}

/** Undefined where the target does not tell: that part of the preview stays unknown, and the others are learnt. */
async function unlessRefused<T>(part: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  try {
    return await part;
  } catch (error) {
    if (signal.aborted || !(error instanceof BrokerError)) throw error;
    return undefined;
  }
}
