import type { OperationExcerpt } from '../../domain/approval.js';
import type { StatementAction, StatementFacts, TableUse } from './statement.js';

const EXCERPT_CHARACTERS_MAX = 400;
const TABLES_MAX = 10;

/** A held statement in short. */
export interface StatementExcerpt extends OperationExcerpt {
  readonly action: StatementAction;
  /** The first tables that it touches, those that it changes before those that it reads; and how many more there are. */
  readonly tables: readonly TableUse[];
  readonly tablesMore: number;
}

interface ExcerptSource {
  readonly text: string;
  readonly line: string;
  readonly database: string | null;
  readonly facts: StatementFacts;
}

export function statementExcerpt({ text, line, database, facts }: ExcerptSource): StatementExcerpt {
  const isRead = (table: TableUse): boolean => table.action === 'read';
  const touched = [...facts.tables.filter((table) => !isRead(table)), ...facts.tables.filter(isRead)];
  return {
    kind: facts.kind,
    action: facts.action,
    text: text.slice(0, EXCERPT_CHARACTERS_MAX),
    line,
    database,
    tables: touched.slice(0, TABLES_MAX),
    tablesMore: Math.max(0, touched.length - TABLES_MAX),
  };
}
