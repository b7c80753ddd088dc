import { isReadCharacterSet } from '../../charset/character-sets.js';
import { parseSqlMode } from '../text/dialect.js';
import type { SessionChange } from './session-change.js';

/** A value as a rule sees it: what was written, when it is one plain literal or word. */
export type AssignedValue =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'other' };

/** Variables whose change the broker must know or must not allow, besides those that begin with these. */
const GUARDED: ReadonlySet<string> = new Set([
  'sql_mode',
  'autocommit',
  'max_statement_time',
  'max_execution_time',
  'resultset_metadata',
  'password',
]);
const GUARDED_BEGINNINGS = ['character_set_', 'collation_', 'session_track_'];

/** How a session was when it began: what it had then, it may have again. */
export interface SessionOrigin {
  /** The modes of its `sql_mode`, in upper case. */
  readonly modes: ReadonlySet<string>;
}

export function isGuardedVariable(name: string): boolean {
  return GUARDED.has(name) || GUARDED_BEGINNINGS.some((beginning) => name.startsWith(beginning));
}

const ON_TEXTS: ReadonlySet<string> = new Set([
  'character_set_client',
  'character_set_connection',
  'collation_connection',
]);

/**
 * What setting a session variable to this value amounts to. `origin` goes with a value that the target gave: a saved one
 * may be put back.
 */
export function judgeVariable(name: string, value: AssignedValue, origin?: SessionOrigin): SessionChange {
  if (name === 'sql_mode') return judgeSqlMode(value, origin);
  if (name === 'autocommit') return judgeAutocommit(value);
  if (name === 'max_statement_time' || name === 'max_execution_time') return SETS_TIME_LIMIT;
  if (name === 'character_set_results') return judgeResultCharacterSet(value);
  if (name === 'character_set_filesystem') return refuseCharacterSet;
  if (ON_TEXTS.has(name)) return judgeTextCharacterSet(value);
  if (name.startsWith('character_set_') || name.startsWith('collation_')) return judgeCharacterSet(value);
  if (name.startsWith('session_track_')) return judgeTracking(name, value);
  if (name === 'password') return refuse('Only the broker sets passwords.');
  if (name === 'resultset_metadata') return refuse('The broker does not allow a change of resultset_metadata.');
  return { kind: 'none' };
}

function refuse(detail: string): SessionChange {
  return { kind: 'refuse', code: 'session_change_refused', detail };
}

const refuseCharacterSet: SessionChange = {
  kind: 'refuse',
  code: 'character_set_refused',
  detail:
    'The broker allows utf8mb4, utf8mb3, binary and single-byte character sets such as latin1, written as a name.',
};

/** MariaDB's own collations of Unicode name no character set. */
const UNICODE_COLLATION = /^uca1400_[a-z0-9_]+$/i;

/** A character set, or a collation of one, in whose texts quotes and backslashes are what they are in ASCII. */
function judgeCharacterSet(value: AssignedValue): SessionChange {
  if (value.kind !== 'text' && value.kind !== 'word') return refuseCharacterSet;
  const [characterSet = ''] = value.text.toLowerCase().split('_');
  const isRead = UNICODE_COLLATION.test(value.text) || isReadCharacterSet(characterSet);
  return isRead ? { kind: 'none' } : refuseCharacterSet;
}

/** What results are written in changes no statement's meaning; dump programs ask for bytes as they are. */
function judgeResultCharacterSet(value: AssignedValue): SessionChange {
  const isNull = value.kind === 'word' && value.text.toLowerCase() === 'null';
  return isNull ? { kind: 'none' } : judgeCharacterSet(value);
}

/** What texts are read by, or what their strings become: the target is asked what it is now. */
function judgeTextCharacterSet(value: AssignedValue): SessionChange {
  const judged = judgeCharacterSet(value);
  return judged.kind === 'none' ? { kind: 'change', isUnknown: true } : judged;
}

/**
 * Modes that change which values are taken or what a literal's value becomes, not what a text does. With PIPES_AS_CONCAT
 * `||` joins texts; it is read as OR whatever the mode, which makes a condition wider and never narrower.
 */
const HARMLESS_MODES: ReadonlySet<string> = new Set([
  '',
  'STRICT_TRANS_TABLES',
  'STRICT_ALL_TABLES',
  'NO_ZERO_IN_DATE',
  'NO_ZERO_DATE',
  'ERROR_FOR_DIVISION_BY_ZERO',
  'TRADITIONAL',
  'NO_AUTO_CREATE_USER',
  'NO_ENGINE_SUBSTITUTION',
  'NO_AUTO_VALUE_ON_ZERO',
  'ONLY_FULL_GROUP_BY',
  'NO_DIR_IN_CREATE',
  'REAL_AS_FLOAT',
  'NO_UNSIGNED_SUBTRACTION',
  'PAD_CHAR_TO_FULL_LENGTH',
  'EMPTY_STRING_IS_NULL',
  'ALLOW_INVALID_DATES',
  'TIME_ROUND_FRACTIONAL',
  'TIME_TRUNCATE_FRACTIONAL',
  'SIMULTANEOUS_ASSIGNMENT',
  'IGNORE_BAD_TABLE_OPTIONS',
  'NO_FIELD_OPTIONS',
  'NO_KEY_OPTIONS',
  'NO_TABLE_OPTIONS',
  'PIPES_AS_CONCAT',
]);

function judgeSqlMode(value: AssignedValue, origin?: SessionOrigin): SessionChange {
  if (value.kind === 'number' && ZERO.test(value.text)) return { kind: 'change', sqlMode: parseSqlMode('') };
  if (value.kind !== 'text' && value.kind !== 'word') {
    return refuse('Set sql_mode to a list of modes, or to an expression of constants, variables and functions.');
  }
  const modes = value.text.toUpperCase().split(',');
  if (!modes.every((mode) => HARMLESS_MODES.has(mode) || origin?.modes.has(mode) === true)) {
    return refuse(
      'Set sql_mode only to modes that do not change what a statement means; ANSI_QUOTES and similar modes change it.',
    );
  }
  return { kind: 'change', sqlMode: parseSqlMode(value.text) };
}

const ZERO = /^0(?:\.0+)?$/;

const ON: ReadonlySet<string> = new Set(['1', 'on', 'true']);
const OFF: ReadonlySet<string> = new Set(['0', 'off', 'false']);

/** Of a value that cannot be read here, the server's status flags tell what came of it. */
function judgeAutocommit(value: AssignedValue): SessionChange {
  const text = value.kind === 'other' ? '' : value.text.toLowerCase();
  if (ON.has(text)) return { kind: 'change', autocommit: true };
  return OFF.has(text) ? { kind: 'change', autocommit: false } : { kind: 'none' };
}

/**
 * The limit of a statement's time carries the grant's deadline. A smaller one may be set; after any, the gateway looks what
 * came of it, and puts its own back where it was smaller. MariaDB's dump program switches its own off.
 */
const SETS_TIME_LIMIT: SessionChange = { kind: 'change', setsTimeLimit: true };

const TRACKING_ON: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['session_track_schema', ON],
  ['session_track_state_change', ON],
  ['session_track_transaction_info', new Set(['state', 'characteristics'])],
]);

function judgeTracking(name: string, value: AssignedValue): SessionChange {
  // What the broker follows it reads from the statements themselves, and asks for.
  if (name === 'session_track_gtids' || name === 'session_track_system_variables') return { kind: 'none' };
  const isOn = value.kind !== 'other' && TRACKING_ON.get(name)?.has(value.text.toLowerCase()) === true;
  return isOn
    ? { kind: 'none' }
    : refuse("The broker needs the tracking of the session's state, so it must stay switched on.");
}
