import { SYSTEM_DATABASES } from '../../../sql/privilege.js';
import { ROW_ACTIONS, type StatementFacts, type TableAction, type TableUse } from '../../../sql/statement.js';
import type { OpinionKind, OpinionTable, OpinionView } from './opinion-view.js';
import type { PlainView } from '../plain/plain-read.js';

/** What came of asking a second parser. */
export type Opinion =
  | { readonly kind: 'view'; readonly view: OpinionView }
  /** It could not be had: not parsed, too slow, too long, or not a question for this parser. */
  | { readonly kind: 'none'; readonly why: string; /** Asked again, there may be one. */ readonly isPassing?: true };

/** Begins `notUnderstood` wherever the two parsers do not see the same. */
export const PARSERS_DISAGREE = 'parsers disagree';

/**
 * The kinds of which a second opinion is asked, by what the second parser calls them: what may run unheld, and what is
 * kept in the cache. ANALYZE in front of one runs it.
 */
const ASKED: ReadonlyMap<string, OpinionKind> = new Map<string, OpinionKind>([
  ['select', 'select'],
  ['values', 'select'],
  ['table', 'select'],
  ['insert', 'insert'],
  ['update', 'update'],
  ['delete', 'delete'],
  ['replace', 'replace'],
]);
const RUNS_EXPLAINED = /^(?:explain )?analyze (?!table)/;

function askedAs({ kind }: StatementFacts): OpinionKind | undefined {
  return ASKED.get(kind.replace(RUNS_EXPLAINED, ''));
}

const WRITES: ReadonlySet<TableAction> = new Set(ROW_ACTIONS);

/**
 * Whether a second opinion could change anything: a plain statement that was understood. SHOW, SET, transaction control
 * and their like are judged by their own short grammars, and everything else is held or denied already.
 */
export function needsOpinion(facts: StatementFacts): boolean {
  return facts.notUnderstood === null && facts.statements === 1 && askedAs(facts) !== undefined;
}

/**
 * The opinion of the grammar of plain reads, where it has one: undefined when it knows of a call that the facts do not
 * have, which must not happen and is for the second parser.
 */
export function plainOpinion(facts: StatementFacts, plain: PlainView | undefined): Opinion | undefined {
  if (plain === undefined) return undefined;
  const known = new Set(facts.functions);
  const areKnown = [...plain.functions].every((name) => known.has(name));
  return areKnown ? { kind: 'view', view: plain } : undefined;
}

/**
 * The facts as they are where both parsers see the same; else not understood, with the tables of both. Never milder.
 *
 * @param database the session's, for names without one
 */
export function withOpinion(facts: StatementFacts, opinion: Opinion, database: string | null): StatementFacts {
  if (!needsOpinion(facts)) return facts;
  if (opinion.kind === 'none') return { ...facts, notUnderstood: `${PARSERS_DISAGREE}: ${opinion.why}` };
  const why = disagreement(facts, opinion.view, database);
  if (why === null) return facts;
  return {
    ...facts,
    tables: union(facts, opinion.view.tables, database),
    notUnderstood: `${PARSERS_DISAGREE}: ${why}`,
  };
}

/** What the two parsers do not see alike, in words without names or values; null: they agree. */
export function disagreement(facts: StatementFacts, view: OpinionView, database: string | null): string | null {
  if (view.statements !== facts.statements) return `one sees ${facts.statements} statements, one ${view.statements}`;
  if (view.kind !== askedAs(facts)) return `one sees ${facts.kind}, one ${view.kind}`;
  const where = whereDisagreement(facts, view);
  if (where !== null) return where;
  const ours = facts.tables.filter(({ by }) => by === 'text');
  const theirs = view.tables;
  const keyOf = (table: { readonly database: string | null; readonly table: string }): string => {
    const own = table.database ?? database ?? '';
    // The facts have the names of system databases in lower case.
    return `${SYSTEM_DATABASES.has(own.toLowerCase()) ? own.toLowerCase() : own}\0${table.table}`;
  };
  const named = new Set(theirs.map(keyOf));
  const seen = new Set(ours.map(keyOf));
  if (theirs.some((table) => !seen.has(keyOf(table)))) return 'a table is seen by one alone';
  if (ours.some((table) => !named.has(keyOf(table)))) return 'a table is seen by one alone';
  const written = new Set(ours.filter(({ action }) => WRITES.has(action)).map(keyOf));
  const isMissed = theirs.some((table) => table.isWritten && !written.has(keyOf(table)));
  return isMissed ? 'a table is written to one, and not to the other' : null;
}

/** More care than the second parser asks for is no disagreement. */
function whereDisagreement(facts: StatementFacts, view: OpinionView): string | null {
  if (view.where === null || facts.where === view.where) return null;
  if (facts.where === 'none' || view.where === 'none') return 'one sees a WHERE, one none';
  return facts.where === 'column' ? 'one sees a column in WHERE, one none' : null;
}

function union(facts: StatementFacts, theirs: readonly OpinionTable[], database: string | null): readonly TableUse[] {
  const all = [...facts.tables];
  for (const { database: named, table, isWritten } of theirs) {
    const use: TableUse = {
      database: named ?? database,
      table,
      action: isWritten ? writing(facts) : 'read',
      by: 'text',
    };
    const isThere = all.some(
      (known) => known.database === use.database && known.table === use.table && known.action === use.action,
    );
    if (!isThere) all.push(use);
  }
  return all;
}

/** What a table that only the second parser sees written suffers; `delete` when the kind does not say. */
function writing({ action }: StatementFacts): TableAction {
  return action === 'insert' || action === 'update' || action === 'replace' ? action : 'delete';
}
