import { STRING, WORD, type Tokens } from '../text/tokens.js';

/**
 * What gives another answer when the same text runs again: `session`, in another session, or each time that it is called; `clock`, at
 * another time.
 */
export interface Inconstancy {
  readonly by: 'session' | 'clock';
  readonly name: string;
}

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/**
 * Functions that ask for the session, count what was asked, or draw lots; a column's default may do so. Those that wait or
 * lock are not known to be harmless anyway.
 */
const OF_SESSION = words(`
  current_user current_role session_user system_user user connection_id last_insert_id row_count found_rows lastval nextval
  setval rand uuid uuid_short uuid_v4 uuid_v7 sys_guid random_bytes rownum ps_current_thread_id encrypt password
  aes_encrypt aes_decrypt kdf statement_digest_text default
`);
/** Those of them that need no parenthesis. */
const BARE_OF_SESSION = words('current_user current_role');

/** A time of day is put on the day that it is when it is compared with a date, so what makes one asks the clock too. */
const OF_CLOCK = words(`
  now sysdate current_timestamp localtime localtimestamp curdate current_date curtime current_time utc_date utc_time
  utc_timestamp unix_timestamp time maketime sec_to_time timediff
`);
const BARE_OF_CLOCK = words(`
  current_timestamp localtime localtimestamp current_date current_time utc_date utc_time utc_timestamp sysdate
`);

/** What a token asks for that is not the same each time; undefined for nothing. */
export function inconstancyAt(tokens: Tokens, index: number): Inconstancy | undefined {
  if (tokens.kind(index) !== WORD) return undefined;
  const name = tokens.word(index);
  const isCalled = tokens.word(index + 1) === '(';
  if (isCalled ? OF_SESSION.has(name) : BARE_OF_SESSION.has(name)) return { by: 'session', name };
  if (isCalled ? OF_CLOCK.has(name) : BARE_OF_CLOCK.has(name)) return { by: 'clock', name };
  if (name === 'time' && (tokens.kind(index + 1) === STRING || tokens.word(index - 1) === 'as')) {
    return { by: 'clock', name };
  }
  // NEXT VALUE FOR, PREVIOUS VALUE FOR: a sequence.
  const isSequence = (name === 'next' || name === 'previous') && tokens.word(index + 1) === 'value';
  return isSequence && tokens.word(index + 2) === 'for' ? { by: 'session', name: `${name} value for` } : undefined;
}

/** The first function of these that is not the same each time, in code that the text calls or reads by way of a view. */
export function inconstancyIn(functions: readonly string[]): Inconstancy | undefined {
  const session = functions.find((name) => OF_SESSION.has(name));
  if (session !== undefined) return { by: 'session', name: session };
  const clock = functions.find((name) => OF_CLOCK.has(name));
  return clock === undefined ? undefined : { by: 'clock', name: clock };
}
