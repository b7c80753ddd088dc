import { hash } from 'node:crypto';
import type { StatementFacts, StatementFlag } from '../domain/statement.js';
import type { JudgedStatement, Judgement } from './ports.js';
import { type SessionSettings, settingsWanted } from './preview/session-settings.js';

/** A held statement, and where it is held. */
export interface KeyedStatement {
  readonly session: number;
  readonly statement: number;
  readonly judged: JudgedStatement;
  /** Of the session, where the statement's meaning depends on them; undefined also when no other one can have them. */
  readonly settings: SessionSettings | undefined;
}

/**
 * Names a statement within its grant: the same bytes with the same values, in the same database and session state,
 * that touch the same things and take the same people. Whatever of it changes makes another statement, which is asked anew:
 * what one person approved is not approved once the policy wants two. What means something else whenever its session
 * wants it to is a statement of its own each time.
 */
export function statementKeyOf(held: KeyedStatement, judgement: Judgement): string {
  const { bytes, values, scene } = held.judged;
  const { database, dialect, characterSet } = scene;
  const state = stateOf(held, judgement) ?? [held.session, held.statement];
  return digest([
    'statement',
    hash('sha256', bytes),
    values ?? null,
    database,
    dialect,
    characterSet,
    state,
    ...touched(judgement),
  ]);
}

/** Names a shape within its grant; null when a text is of no shape that could come again. */
export function shapeKeyOf(held: KeyedStatement, judgement: Judgement): string | null {
  const { fingerprint } = judgement;
  const { scene } = held.judged;
  const state = stateOf(held, judgement);
  if (fingerprint === null || state === undefined) return null;
  return digest([
    'shape',
    fingerprint,
    scene.database,
    scene.dialect,
    scene.characterSet,
    state,
    ...touched(judgement),
  ]);
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
  return [facts, hold === null ? null : [hold.approvers, hold.quorum]];
}

function digest(parts: readonly unknown[]): string {
  return hash('sha256', JSON.stringify(parts));
}
