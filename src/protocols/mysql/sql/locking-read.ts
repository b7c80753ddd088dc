import type { StatementFacts, TableUse } from '../../sql/statement.js';

/** Databases whose tables are made up when they are read: there are no rows to lock. */
const WITHOUT_ROWS: ReadonlySet<string> = new Set(['information_schema', 'performance_schema']);

/** Whether tables of this database keep rows that a read could lock. */
export function keepsRows(database: string | null): boolean {
  return database === null || !WITHOUT_ROWS.has(database.toLowerCase());
}

/**
 * The facts of a statement in a session whose transactions lock whatever they read (SERIALIZABLE): a read is a locking
 * read there, without a word of it in the text.
 */
export function withReadLocks(facts: StatementFacts): StatementFacts {
  const locks = facts.tables.some(({ action, database }: TableUse) => action === 'read' && keepsRows(database));
  if (!locks || facts.flags.includes('locking-read')) return facts;
  return { ...facts, flags: [...facts.flags, 'locking-read'] };
}
