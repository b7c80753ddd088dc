import { countText, numberText } from '../../contracts/shown/number-text.js';
import type { AffectedPreview } from '../../domain/approval.js';
import type { DangerKind, Headline } from '../../domain/headline.js';
import { shownLine } from '../../domain/visible-text.js';
import type { AskedParts } from '../../protocol/approval-views.js';
import { storedExcerpt, storedPreview, storedStatement } from './approval-schema.js';

const NAMES_MAX = 2;
/** Actions that change rows that are there: of how many, people want to know. */
const CHANGES_ROWS: ReadonlySet<string> = new Set(['update', 'delete']);

const ONE: Readonly<Record<string, string>> = {
  update: 'changes',
  delete: 'goes',
  insert: 'is added',
  replace: 'is replaced',
};
const MANY: Readonly<Record<string, string>> = {
  update: 'change',
  delete: 'go',
  insert: 'are added',
  replace: 'are replaced',
};

/** `UPDATE` `shop.orders` `1 row of 8 changes`: the broker's sentence about a statement. */
export function sqlHeadline(asked: AskedParts, target: string): Headline {
  const { kind, action, affected } = asked;
  const place = placeOf(asked) ?? target;
  if (action === 'unknown') {
    const amount = 'not understood: nobody can say what it does';
    return { verb: 'STATEMENT', place, amount, isExact: false, dangers: ['notUnderstood'] };
  }
  const isWhole = affected?.kind === 'exact' && affected.rows > 0 && isWholeTable(asked);
  return {
    verb: shownLine(kind).toUpperCase(),
    place,
    amount: amountOf(asked, isWhole),
    isExact: affected?.kind === 'exact',
    dangers: dangersOf(action, affected, isWhole),
  };
}

function amountOf(asked: AskedParts, isWhole: boolean): string | null {
  const { action, affected } = asked;
  if (affected === null) return null;
  if (affected.kind === 'unknown') return 'nobody can know how many rows';
  const { rows } = affected;
  const some = countText(rows, 'row');
  if (isWhole) return `all ${some}`;
  const total = totalOf(asked);
  const verb = rows === 1 ? (ONE[action] ?? 'is concerned') : (MANY[action] ?? 'are concerned');
  return total === undefined ? `${some} ${verb}` : `${some} of ${total} ${verb}`;
}

/** How many rows there are where they are changed; undefined where that is not known, or they are added. */
function totalOf({ action, preview }: AskedParts): string | undefined {
  if (!CHANGES_ROWS.has(action) || preview === null) return undefined;
  const [table, ...more] = storedPreview.parse(preview).tables.filter(({ isWritten }) => isWritten);
  if (table === undefined || more.length > 0 || table.rows === null) return undefined;
  const rows = numberText(table.rows);
  return table.estimated ? `about ${rows}` : rows;
}

function isWholeTable({ action, question }: AskedParts): boolean {
  return CHANGES_ROWS.has(action) && question !== null && storedStatement.parse(question).facts.where === 'none';
}

function dangersOf(action: string, affected: AffectedPreview | null, isWhole: boolean): readonly DangerKind[] {
  const dangers: DangerKind[] = [];
  if (action === 'schema') dangers.push('irreversible');
  if (affected?.kind === 'unknown') dangers.push('unknownCount');
  if (isWhole) dangers.push('wholeTable');
  return dangers;
}

/** `shop.orders, shop.items and 2 tables more`; undefined where it touches none. */
function placeOf({ summary }: AskedParts): string | undefined {
  const { tables, tablesMore } = storedExcerpt.parse(summary);
  if (tables.length === 0) return undefined;
  const first = tables.slice(0, NAMES_MAX).map(({ database, table }) => {
    return database === null ? shownLine(table) : `${shownLine(database)}.${shownLine(table)}`;
  });
  const more = tables.length - first.length + tablesMore;
  const names = [...new Set(first)].join(', ');
  return more === 0 ? names : `${names} and ${more} ${more === 1 ? 'table' : 'tables'} more`;
}
