import { hash } from 'node:crypto';
import { whoDecides } from '../../../domain/approval-rules.js';
import type { StatementFacts, StatementFlag } from '../../sql/statement.js';
import type { RecordedValue } from '../../sql/bound-values.js';
import { shapeWithTypesOf } from '../sql/shape/fingerprint.js';
import type { JudgedStatement, Judgement } from '../judge/judgement.js';
import { type SessionSettings, settingsWanted } from '../preview/session-settings.js';

/** A held statement, and where it is held. */
export interface KeyedStatement {
  readonly session: number;
  readonly statement: number;
  readonly judged: JudgedStatement;
  /** Of the session, where the statement's meaning depends on them; undefined also when no other one can have them. */
  readonly settings: SessionSettings | undefined;
  /** No transaction is open and none begins with it: what it does is done for good at once. */
  readonly commitsByItself: boolean;
}

/**
 * Names a statement within its grant: the same bytes with the same values, in the same database and session state,
 * inside of a transaction or outside of one, that touch the same things and take the same people, known in the same way. A change of any of it
 * makes another statement, about which people are asked again: what one person approved is not approved once the policy
 * wants two. A statement that means something else whenever its session wants it to is one of its own each time.
 */
export function statementKeyOf(held: KeyedStatement, judgement: Judgement): string {
  const { bytes, values, bulk, scene } = held.judged;
  const { database, dialect, characterSet } = scene;
  const { commitsByItself } = held;
  const state = stateOf(held, judgement) ?? [held.session, held.statement];
  const bound = bulk === undefined ? (values ?? null) : { rows: bulk.digest };
  const said = [hash('sha256', bytes), bound, database, dialect, characterSet, commitsByItself, state];
  return digest(['statement', ...said, ...touched(judgement)]);
}

/**
 * Names a shape within its grant; null when a text is of no shape that could come again. Types are part of it, those of
 * bound values too: `name = 0` is true of every name that begins with no digit, where `name = 'Ada'` is true of one. So is
 * the number of rows of values that a statement runs with.
 */
export function shapeKeyOf(held: KeyedStatement, judgement: Judgement): string | null {
  const { analysed, values = [], bulk, scene } = held.judged;
  const { commitsByItself } = held;
  const state = stateOf(held, judgement);
  const isRead = judgement.fingerprint !== null && analysed !== undefined;
  const shape = isRead ? shapeWithTypesOf(analysed, scene.dialect) : undefined;
  if (shape === undefined || state === undefined) return null;
  const { database, dialect, characterSet } = scene;
  const types = bulk === undefined ? values.map(typeOf) : { rows: bulk.count, types: bulk.kinds(kindOf) };
  const said = [shape, types, database, dialect, characterSet, commitsByItself, state];
  return digest(['shape', ...said, ...touched(judgement)]);
}

const NUMBER_TYPES = /^MYSQL_TYPE_(?:TINY|SHORT|LONG|LONGLONG|FLOAT|DOUBLE|DECIMAL|NEWDECIMAL)$/;
const TEXT_TYPES = /^MYSQL_TYPE_(?:VARCHAR|VAR_STRING|STRING)$/;
const BYTES_TYPES = /^MYSQL_TYPE_\w*BLOB$/;

/** What a bound value is in a comparison. NULL is of its own type, as it is among literals; so is each temporal type. */
function typeOf({ type, value }: RecordedValue): string {
  return value === null ? 'null' : kindOf(type);
}

function kindOf(type: string): string {
  if (NUMBER_TYPES.test(type)) return 'number';
  if (TEXT_TYPES.test(type)) return 'text';
  return BYTES_TYPES.test(type) ? 'bytes' : type;
}

/** What the session adds to the meaning of the statement; undefined when that cannot be told, or be the same again. */
function stateOf({ judged, settings }: KeyedStatement, { facts }: Judgement): unknown {
  if (meansOfSession(facts, judged.text ?? '')) return undefined;
  return settingsWanted(facts) ? settings : null;
}

/** Values and texts that a session keeps under a name, and that its next statement may change. */
const SESSION_FLAGS: ReadonlySet<StatementFlag> = new Set(['user-variable', 'system-variable', 'assignment']);
const SESSION_FUNCTIONS: ReadonlySet<string> = new Set([
  'last_insert_id',
  'lastval',
  'row_count',
  'found_rows',
  'connection_id',
]);
const SESSION_WORDS = /@|\b(?:last_insert_id|lastval|previous|row_count|found_rows|connection_id|diagnostics)\b/i;

/** Stored code may read such a value as well: what is called is asked for each time. */
function meansOfSession({ action, flags, functions, unknownFunctions, notUnderstood }: StatementFacts, text: string) {
  return (
    action === 'execute' ||
    unknownFunctions.length > 0 ||
    flags.some((flag) => SESSION_FLAGS.has(flag)) ||
    functions.some((name) => SESSION_FUNCTIONS.has(name)) ||
    (notUnderstood !== null && SESSION_WORDS.test(text))
  );
}

/** What the statement touches, and who must approve that. */
function touched({ facts, hold }: Judgement): readonly unknown[] {
  return [facts, hold === null ? null : whoDecides(hold)];
}

function digest(parts: readonly unknown[]): string {
  return hash('sha256', JSON.stringify(parts));
}
