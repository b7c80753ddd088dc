import type { StatementFacts } from '../../sql/statement.js';
import type { SqlDialect } from './text/dialect.js';
import { FactsBuilder } from './walker/facts-builder.js';
import { fingerprintOf } from './shape/fingerprint.js';
import { lex } from './text/lexer.js';
import { mayBePlain, type PlainView, readPlainly } from './plain/plain-read.js';
import { statementsIn } from './text/statements.js';
import type { Tokens } from './text/tokens.js';
import { WALKERS } from './walker/statement.js';
import { NotUnderstood, Walk } from './walker/walk.js';
import { writtenOut } from './text/written-out.js';

export interface Analysis {
  /** Null for a text that could not be understood, or is of no kind that is cached. */
  readonly fingerprint: string | null;
  readonly facts: StatementFacts;
  /** The text is a list of statements: no server takes it from a client that may send one at a time. */
  readonly isList: boolean;
  /** What the grammar of plain reads sees in it; undefined for whatever is no plain read, or leaves that grammar. */
  readonly plain: PlainView | undefined;
  /** The statement in a form that other readers of SQL see alike, where the text itself is none. */
  readonly plainText: string | null;
}

/**
 * What the text means to a server of this dialect, with this session database. Never throws: what cannot be understood
 * has the action `unknown` and says why, and its facts are what was found until then. `shape`: what
 * {@link fingerprintOfUtf8} gives for the text, where that is known already.
 */
export function analyse(
  text: Buffer,
  dialect: SqlDialect,
  database: string | null,
  shape?: { readonly fingerprint: string | undefined },
): Analysis {
  const { tokens, refused } = lex(text, dialect);
  const facts = new FactsBuilder();
  const statements = statementsIn(tokens, dialect);
  facts.statements = Math.max(statements.length, refused === null ? 0 : 1);
  if (refused !== null) {
    facts.unread(refused);
    if (refused.startsWith('executable comment')) facts.flag('executable-comment');
    if (refused === 'optimizer hint') facts.flag('optimizer-hint');
  }
  if (statements.length === 0 && refused === null) noteEmpty(facts);
  for (const { start, end } of statements) {
    const kind = facts.kind;
    walkOne(new Walk({ tokens, start, end, dialect, database, facts, walkers: WALKERS }), facts);
    if (start > 0 && kind !== 'unknown') facts.kind = kind; // what the text begins with
  }
  if (statements.length > 1) facts.unread('more than one statement');
  if (facts.notUnderstood !== null) facts.action = 'unknown';
  const found = facts.facts();
  const isUnderstood = found.notUnderstood === null;
  const isAsIs = !isUnderstood || (tokens.isPlain && facts.firstToken === 0);
  const [only] = statements;
  return {
    fingerprint:
      (isUnderstood ? (shape ?? { fingerprint: fingerprintOf(text, dialect) }).fingerprint : undefined) ?? null,
    facts: found,
    isList: refused === null && statements.length > 1 && beginsPlain(tokens),
    plain:
      only !== undefined && mayBePlain(found)
        ? readPlainly(tokens, { start: Math.max(only.start, facts.firstToken), end: only.end }, dialect)
        : undefined,
    plainText: isAsIs ? null : writtenOut(tokens, { from: facts.firstToken, to: tokens.count }),
  };
}

/** Words that begin statements in which no semicolon can stand; others may be compound ones. */
const PLAIN: ReadonlySet<string> = new Set(
  `select values table with insert replace update delete set show describe desc explain use start commit rollback savepoint
   release prepare execute deallocate call do handler signal get help lock unlock load drop rename truncate grant revoke
   kill flush`.split(/\s+/),
);

/** MariaDB's SET STATEMENT has a statement of any kind in it. */
function beginsPlain(tokens: Tokens): boolean {
  return PLAIN.has(tokens.word(0)) && !(tokens.word(0) === 'set' && tokens.word(1) === 'statement');
}

/** White space, comments and what this server skips: it answers OK, or that the query was empty. It counts as one. */
function noteEmpty(facts: FactsBuilder): void {
  facts.statements = 1;
  facts.kind = 'empty';
  facts.action = 'session';
}

function walkOne(walk: Walk, facts: FactsBuilder): void {
  try {
    walk.walkers.statement(walk);
  } catch (error) {
    if (!(error instanceof NotUnderstood)) throw error;
    facts.unread(error.reason);
  }
}
