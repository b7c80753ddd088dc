import { NO_CHARACTER } from '../../charset/character-sets.js';
import type { SqlDialect } from '../text/dialect.js';
import { FactsBuilder } from '../walker/facts-builder.js';
import { fingerprintOf } from '../shape/fingerprint.js';
import { lex } from '../text/lexer.js';
import { isPureExpression } from './pure-expression.js';
import { type VariableValue, bothChanges, type SessionChange } from './session-change.js';
import { type AssignedValue, isGuardedVariable, judgeVariable } from './session-rules.js';
import { statementsIn } from '../text/statements.js';
import { decodeText } from '../text/text-literal.js';
import { MARK, NUMBER, PARAMETER, QUOTED, STRING, USER_VARIABLE, WORD } from '../text/tokens.js';
import { comparedName } from '../text/variable-name.js';
import { type Assignment, walkVariableAssignments } from '../walker/assignments.js';
import { WALKERS } from '../walker/statement.js';
import { NotUnderstood, Walk } from '../walker/walk.js';
import { writtenOut } from '../text/written-out.js';

export type { SessionChange };

const NONE: SessionChange = { kind: 'none' };
const DYNAMIC: SessionChange = {
  kind: 'refuse',
  code: 'session_change_refused',
  detail: 'The broker cannot read a statement that the server puts together. Write the statement out.',
};
const UNREADABLE: SessionChange = {
  kind: 'refuse',
  code: 'session_change_refused',
  detail: 'The broker cannot read what the statement sets of the session. Write it as a plain SET.',
};

/** Looks at every statement that is no cached plain one, whatever the policy says. Never throws. */
export function sessionChange(text: Buffer, dialect: SqlDialect): SessionChange {
  if (fingerprintOf(text, dialect) !== undefined) return NONE;
  const { tokens, refused, hintedLimitMs } = lex(text, dialect);
  if (refused !== null && mentionsGuarded(text.toString('utf8'))) return UNREADABLE;
  // A hint of 0 says nothing.
  let whole: SessionChange =
    hintedLimitMs === null || hintedLimitMs === 0 ? NONE : { kind: 'change', limitMs: hintedLimitMs };
  for (const { start, end } of statementsIn(tokens, dialect)) {
    const walk = new Walk({ tokens, start, end, dialect, database: null, facts: new FactsBuilder(), walkers: WALKERS });
    whole = bothChanges(whole, changeOf(walk, end));
  }
  return whole;
}

/** One statement; `end` is the index after its last token. */
function changeOf(walk: Walk, end: number): SessionChange {
  const first = walk.at;
  try {
    return changeOfRead(walk, end);
  } catch (error) {
    if (!(error instanceof NotUnderstood)) throw error;
    return mentionsGuarded(sourceOf(walk, first, end)) ? UNREADABLE : NONE;
  }
}

function changeOfRead(walk: Walk, end: number): SessionChange {
  switch (walk.word()) {
    case 'set':
      return changeOfSet(walk, end);
    case 'use':
      walk.at++;
      return { kind: 'change', database: walk.name() };
    case 'prepare':
      walk.at++;
      walk.name();
      walk.expect('from');
      return changeOfText(walk, end);
    case 'execute':
      if (!walk.sees('execute', 'immediate')) return NONE;
      walk.at += 2;
      return changeOfText(walk, end);
    default:
      return PLAIN.has(walk.word()) ? NONE : walk.fail('perhaps a compound statement');
  }
}

/** Words that begin statements which set nothing at once; in all others, SET is looked for wherever it stands. */
const PLAIN: ReadonlySet<string> = new Set([
  'select',
  '(',
  'values',
  'table',
  'with',
  'insert',
  'replace',
  'update',
  'delete',
  'show',
  'describe',
  'desc',
  'explain',
  'start',
  'commit',
  'rollback',
  'savepoint',
  'release',
  'deallocate',
  'call',
  'do',
  'handler',
  'signal',
  'help',
  'lock',
  'unlock',
  'load',
  'create',
  'alter',
  'drop',
  'rename',
  'truncate',
  'optimize',
  'repair',
  'check',
  'checksum',
  'flush',
  'kill',
  'grant',
  'revoke',
  'xa',
]);

function changeOfSet(walk: Walk, end: number): SessionChange {
  walk.at++;
  if (walk.isMariadb && walk.sees('statement') && walk.word(1) !== '=') return changeOfSetStatement(walk, end);
  if (walk.sees('password')) return refused('Only the broker sets passwords.');
  if (walk.sees('session', 'authorization'))
    return refused('The broker does not allow a session to change its account.');
  if (ADMINISTRATIVE.some((words) => walk.sees(...words))) return NONE;
  let whole = NONE;
  for (const assignment of walkVariableAssignments(walk))
    whole = bothChanges(whole, changeOfAssignment(walk, assignment));
  return walk.at === end ? whole : walk.fail('more than the statement can have');
}

/** What sets no variable of the session; whether it may run, the policy says. */
const ADMINISTRATIVE: readonly (readonly string[])[] = [
  ['role'],
  ['default', 'role'],
  ['resource', 'group'],
  ['transaction'],
  ['session', 'transaction'],
  ['local', 'transaction'],
  ['global', 'transaction'],
];

function refused(detail: string): SessionChange {
  return { kind: 'refuse', code: 'session_change_refused', detail };
}

/**
 * A guarded variable for one statement is one too many: what the statement prepares is read by it. A time limit of its
 * own it may have.
 */
function changeOfSetStatement(walk: Walk, end: number): SessionChange {
  walk.at++;
  let limit: SessionChange = NONE;
  for (const assignment of walkVariableAssignments(walk)) {
    const { name, scope } = assignment;
    if (scope === 'user' || !isGuardedVariable(name)) continue;
    if (name !== 'max_statement_time') return refused('SET STATEMENT cannot set this variable here.');
    limit = limitOfStatement(valueOf(walk, assignment));
  }
  walk.expect('for');
  return bothChanges(limit, changeOfRead(walk, end));
}

function limitOfStatement(value: AssignedValue | VariableValue): SessionChange {
  const limitMs = value.kind === 'number' ? Number(value.text) * 1_000 : Number.NaN;
  if (limitMs >= 1) return { kind: 'change', limitMs };
  return refused('SET STATEMENT can set max_statement_time to a number of seconds, and not to 0.');
}

function changeOfAssignment(walk: Walk, assignment: Assignment): SessionChange {
  const { scope, name } = assignment;
  if (scope === 'user' || scope === 'global' || !isGuardedVariable(name)) return NONE;
  const value = valueOf(walk, assignment);
  if (value.kind !== 'expression' && value.kind !== 'parameter') return judgeVariable(name, value);
  const whatever = judgeVariable(name, { kind: 'other' });
  return whatever.kind === 'refuse' ? { kind: 'change', asks: [{ name, value }] } : whatever;
}

/** A literal or a word of its own, what the target can be asked for, or what may be anything. */
function valueOf(walk: Walk, { scope, name, first, end, asked }: Assignment): AssignedValue | VariableValue {
  const { tokens, dialect } = walk;
  if (asked !== undefined) return { kind: 'expression', text: asked };
  const isAlone = end === first + 1;
  switch (isAlone ? tokens.kind(first) : MARK) {
    case STRING: {
      const text = decodeText(tokens.source(first), dialect);
      return text === undefined ? { kind: 'other' } : { kind: 'text', text };
    }
    case WORD:
      // The target says what its default is; after GLOBAL it may be another one than that of the session.
      if (tokens.word(first) === 'default' && scope === 'session') {
        return { kind: 'expression', text: `@@GLOBAL.\`${name.replaceAll('`', '``')}\`` };
      }
      return { kind: 'word', text: tokens.name(first) };
    case QUOTED:
      return { kind: 'word', text: tokens.name(first) };
    case NUMBER:
      return { kind: 'number', text: tokens.source(first) };
    case PARAMETER:
      return { kind: 'parameter', index: parametersBefore(walk, first) };
    case USER_VARIABLE:
    case MARK:
      return isPureExpression(walk, { from: first, to: end })
        ? { kind: 'expression', text: writtenOut(tokens, { from: first, to: end }) }
        : { kind: 'other' };
    default:
      return { kind: 'other' };
  }
}

function parametersBefore({ tokens }: Walk, end: number): number {
  let count = 0;
  for (let index = 0; index < end; index += 1) if (tokens.kind(index) === PARAMETER) count += 1;
  return count;
}

/** The text of PREPARE and EXECUTE IMMEDIATE: one literal, which must change nothing of the session. */
function changeOfText(walk: Walk, end: number): SessionChange {
  const isAlone = walk.at + 1 === end || walk.word(1) === 'using';
  const text = walk.kind() === STRING && isAlone ? decodeText(walk.tokens.source(walk.at), walk.dialect) : undefined;
  // What stands for bytes that are no characters is not what the server would read.
  if (text === undefined || text.includes(NO_CHARACTER)) return DYNAMIC;
  const inner = sessionChange(Buffer.from(text), walk.dialect);
  return inner.kind === 'none' ? NONE : UNREADABLE;
}

const GUARDED_WORDS =
  /\b(?:sql_mode|autocommit|max_statement_time|max_execution_time|resultset_metadata|character_set_\w+|collation_\w+|session_track_\w+|names|charset|character|char|password|authorization)\b/i;
const SETTING_WORDS = /\bset(?:_var)?\b/i;
const DYNAMIC_WORDS = /\b(?:prepare|immediate)\b/i;

/** Whether a text that cannot be read may set a guarded variable: its words are there in some order. */
function mentionsGuarded(source: string): boolean {
  return DYNAMIC_WORDS.test(source) || (SETTING_WORDS.test(source) && GUARDED_WORDS.test(comparedName(source)));
}

function sourceOf({ tokens }: Walk, first: number, end: number): string {
  return tokens.text.toString('utf8', tokens.start(first), tokens.end(end - 1));
}
