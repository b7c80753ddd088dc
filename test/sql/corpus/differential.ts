import type { StatementFacts } from '../../../src/protocols/sql/statement.js';
import type { SqlDialect } from '../../../src/protocols/mysql/sql/text/dialect.js';
import { type SecondOpinion } from '../../../src/protocols/mysql/judge/second-opinion.js';
import { analyse } from '../../../src/protocols/mysql/sql/analyse.js';
import { disagreement, needsOpinion } from '../../../src/protocols/mysql/sql/opinion/opinion.js';
import { type OpinionView } from '../../../src/protocols/mysql/sql/opinion/opinion-view.js';
import { CORPUS_DATABASE, acceptedAs } from './kind-report.js';
import { type ServerKind } from './server-kinds.js';

/** What came of asking the second parser about all statements of which it would be asked in a session. */
export interface DifferentialReport {
  readonly asked: number;
  readonly agreed: number;
  /** The second parser has no opinion: it cannot parse them, or fails on them. All are held. */
  readonly without: number;
  /** They do not see the same, and we see more. All are held. */
  readonly stricter: number;
  /** The second parser sees something that our facts do not have. All are held; each should be looked at. */
  readonly milder: readonly string[];
}

/** Asks about every statement that the server could parse and that we understood. */
export async function compareParsers(
  statements: readonly Buffer[],
  kinds: readonly ServerKind[],
  dialect: SqlDialect,
  second: SecondOpinion,
): Promise<DifferentialReport> {
  const found = { asked: 0, agreed: 0, without: 0, stricter: 0 };
  const milder: string[] = [];
  for (const [index, text] of statements.entries()) {
    if (acceptedAs(kinds[index]) === undefined) continue;
    const { facts } = analyse(text, dialect, CORPUS_DATABASE);
    if (!needsOpinion(facts)) continue;
    found.asked++;
    // eslint-disable-next-line no-await-in-loop -- its queue is short: a session asks one thing at a time too
    const opinion = await second.ask(text.toString(), dialect);
    if (opinion.kind === 'none') found.without++;
    else if (disagreement(facts, opinion.view, CORPUS_DATABASE) === null) found.agreed++;
    else if (seesMore(facts, opinion.view)) milder.push(text.toString('latin1').slice(0, 200));
    else found.stricter++;
  }
  return { ...found, milder };
}

/** Whether the second parser sees what would make a verdict severer than our facts do. */
function seesMore(facts: StatementFacts, { statements, where, kind, tables }: OpinionView): boolean {
  if (statements > facts.statements) return true;
  if (kind !== 'select' && kind !== 'other' && facts.action === 'read') return true;
  if (where !== null && where !== 'column' && facts.where === 'column') return true;
  return tables.some(({ database, table, isWritten }) => {
    const own = (database ?? CORPUS_DATABASE).toLowerCase();
    return !facts.tables.some(
      (use) => use.table === table && use.database?.toLowerCase() === own && (!isWritten || WRITING.has(use.action)),
    );
  });
}

const WRITING: ReadonlySet<string> = new Set(['insert', 'update', 'delete', 'replace']);
