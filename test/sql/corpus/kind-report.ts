import type { StatementFacts } from '../../../src/protocols/sql/statement.js';
import type { SqlDialect } from '../../../src/protocols/mysql/sql/text/dialect.js';
import { analyse } from '../../../src/protocols/mysql/sql/analyse.js';
import { isMilder, severityOfFacts, severityOfKind } from '../support/severity.js';
import { type ServerKind } from './server-kinds.js';

/** The session's database while the corpus is looked at. */
export const CORPUS_DATABASE = 'corpus';

/** What came of comparing our facts with what a server took the same texts for. */
export interface KindReport {
  readonly statements: number;
  /** Those that the server could parse; all the other figures are of these. */
  readonly accepted: number;
  readonly understood: number;
  /** Severer for us than the server's own kind asks for. */
  readonly stricter: number;
  /** Milder for us than the server's own kind: each one is an error of the analysis. */
  readonly milder: readonly string[];
  /** Understood, and taken for another kind of statement than the server's: each one is an error of the analysis. */
  readonly misnamed: readonly string[];
  /** How often each reason was given for not understanding. */
  readonly reasons: ReadonlyMap<string, number>;
}

export function compareKinds(
  statements: readonly Buffer[],
  kinds: readonly ServerKind[],
  dialect: SqlDialect,
): KindReport {
  const found = { accepted: 0, understood: 0, stricter: 0 };
  const milder: string[] = [];
  const misnamed: string[] = [];
  const reasons = new Map<string, number>();
  for (const [index, text] of statements.entries()) {
    const kind = acceptedAs(kinds[index]);
    if (kind === undefined) continue;
    found.accepted++;
    const { facts } = analyse(text, dialect, CORPUS_DATABASE);
    const reason = facts.notUnderstood;
    if (reason === null) found.understood++;
    else reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    const ours = severityOfFacts(facts);
    const theirs = severityOfKind(kind);
    // MariaDB has no kind of its own for a plan that is only shown.
    const isPlan = reason === null && facts.kind === 'explain' && theirs === 'write';
    const line = `${facts.kind} for us, ${kind} for the server: ${text.toString('latin1').slice(0, 200)}`;
    if (isMilder(ours, theirs) && !isPlan) milder.push(line);
    if (isMilder(theirs, ours)) found.stricter++;
    if (reason === null && !isNamedAlike(facts, kind)) misnamed.push(line);
  }
  return { statements: statements.length, ...found, milder, misnamed, reasons };
}

/** Undefined for what the server could not parse, or did not survive. */
export function acceptedAs(answer: ServerKind | undefined): string | undefined {
  return answer === undefined || answer.kind === null || answer.kind === 'error' ? undefined : answer.kind;
}

const ROW_KIND = /^(select|insert|update|delete|replace)(?:_select|_multi)?$/;
/** What the server calls a SELECT and we call by its own first word. */
const QUERIES: ReadonlySet<string> = new Set(['values', 'table', 'show count']);

/** Whether both mean the same one of SELECT, INSERT, UPDATE, DELETE and REPLACE, or both none of them. */
function isNamedAlike({ kind }: StatementFacts, serverKind: string): boolean {
  if (kind === 'explain') return true;
  const bare = kind.replace(/^(?:explain )?analyze (?!table)/, '');
  const ours = ROW_KIND.exec(QUERIES.has(bare) ? 'select' : bare)?.[1];
  return ours === ROW_KIND.exec(serverKind)?.[1];
}
