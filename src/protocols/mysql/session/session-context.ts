import type { Clock } from '../../../kernel/clock.js';
import type { StatementFacts } from '../../sql/statement.js';
import { PLAIN_SQL_MODE, type SqlDialect, type SqlMode } from '../sql/text/dialect.js';
import {
  SERVER_STATUS_AUTOCOMMIT,
  SERVER_STATUS_IN_TRANS,
  SERVER_STATUS_NO_BACKSLASH_ESCAPES,
} from '../wire/packets.js';
import type { ResponseTracker } from '../wire/response/response-tracker.js';
import { decodeSessionState } from '../wire/response/session-state.js';
import { parseSqlMode } from '../sql/text/dialect.js';
import { isUtf8CharacterSet } from '../charset/character-sets.js';
import type { SessionOrigin } from '../sql/session/session-rules.js';
import { assert } from '../../../kernel/assert.js';
import type { SessionEffect, SessionScene } from '../judge/judgement.js';

/** What the target said of a session. */
export interface ToldSession extends SessionOrigin {
  readonly sqlMode: SqlMode;
  readonly characterSet: string;
  readonly connectionSet: string;
  /** Its own isolation level, which that of one transaction may differ from. */
  readonly isSerializable: boolean;
}

/**
 * Follows what the meaning of a session's texts depends on: its database, the parts of sql_mode that the lexer knows,
 * whether a transaction is open. What cannot be followed is asked for again ({@link isStale}).
 */
export class SessionContext {
  #scene: SessionScene;
  /** `character_set_connection`, as it was told last. */
  #connectionSet = 'utf8mb4';
  #statusFlags = SERVER_STATUS_AUTOCOMMIT;
  #isStale = true;
  #hasUncommitted = false;
  #transactionSinceMs: number | null = null;
  readonly #clock: Pick<Clock, 'nowMs'>;
  /** The session's own isolation level, as the target said it last. */
  #isSerializable = false;
  /** The open transaction, or the next one, may have another level than the session: SERIALIZABLE. */
  #mayBeSerializable = false;
  #origin: SessionOrigin | undefined;
  #mayHaveTemporaryTables = false;

  constructor(start: {
    readonly database: string | null;
    readonly dialect: Omit<SqlDialect, 'sqlMode'>;
    readonly clock: Pick<Clock, 'nowMs'>;
  }) {
    this.#clock = start.clock;
    this.#scene = {
      database: start.database,
      dialect: { ...start.dialect, sqlMode: PLAIN_SQL_MODE },
      inTransaction: false,
      locksReads: false,
      characterSet: 'utf8mb4',
      narrowedTo: null,
    };
  }

  /** The same object until something changes, so that it can be compared and remembered by identity. */
  get scene(): SessionScene {
    return this.#scene;
  }

  /** How the session was when it began, and each time it was reset. Nothing is judged before that is known. */
  get origin(): SessionOrigin {
    assert(this.#origin !== undefined, 'the session was asked how it is set before any statement of it');
    return this.#origin;
  }

  /** The target must be asked what is set before a further text can be understood. */
  get isStale(): boolean {
    return this.#isStale;
  }

  /** Statements are outside of any transaction and each is its own. */
  get commitsEachStatement(): boolean {
    return (this.#statusFlags & SERVER_STATUS_AUTOCOMMIT) !== 0 && !this.#scene.inTransaction;
  }

  /** As the target said them last. */
  get statusFlags(): number {
    return this.#statusFlags;
  }

  /** A statement of the open transaction did more than read. */
  get hasUncommitted(): boolean {
    return this.#hasUncommitted;
  }

  /** Since when a transaction is open, by the answer that said so first; null while none is. */
  get transactionSinceMs(): number | null {
    return this.#transactionSinceMs;
  }

  /**
   * The session may have made temporary tables: they hide real ones, and nobody else sees them. Whatever runs code of the
   * database's users, or is not understood, may make some.
   */
  get mayHaveTemporaryTables(): boolean {
    return this.#mayHaveTemporaryTables;
  }

  /** Takes over what the target said of itself. */
  told(state: ToldSession): void {
    const { sqlMode, characterSet, connectionSet, isSerializable } = state;
    const { dialect, inTransaction } = this.#scene;
    const narrowedTo = losesNothing(characterSet, connectionSet) ? null : connectionSet;
    this.#origin ??= state;
    this.#connectionSet = connectionSet;
    // A transaction keeps the level that it began with.
    if (inTransaction && this.#isSerializable && !isSerializable) this.#mayBeSerializable = true;
    this.#isSerializable = isSerializable;
    this.#change({ dialect: { ...dialect, sqlMode }, characterSet, narrowedTo });
    this.#followLocks();
    this.#isStale = false;
  }

  /**
   * Keeps up with the answer to a command; costs a few comparisons when nothing has changed. `ran`: what a statement of
   * the client's did.
   */
  answered(
    tracker: Pick<ResponseTracker, 'statusFlags' | 'results' | 'error'>,
    effect: SessionEffect | undefined,
    ran?: StatementFacts,
  ): void {
    const { statusFlags } = tracker;
    if (statusFlags !== this.#statusFlags) this.#follow(statusFlags);
    if (!this.#scene.inTransaction) this.#hasUncommitted = false;
    else if (ran !== undefined && ran.action !== 'read' && ran.action !== 'session') this.#hasUncommitted = true;
    if (ran !== undefined && !this.#mayHaveTemporaryTables) this.#mayHaveTemporaryTables = mayMakeTemporary(ran);
    if (effect !== undefined) this.#afterEffect(effect, tracker.error === undefined);
    this.#followLocks();
    for (const { sessionState } of tracker.results) if (sessionState !== undefined) this.#track(sessionState);
  }

  /** A reset connection is as new, but in the database it was in. */
  reset(): void {
    this.#isStale = true;
    this.#origin = undefined;
  }

  /** The connection was reset: its temporary tables are gone. */
  forgetTemporaryTables(): void {
    this.#mayHaveTemporaryTables = false;
  }

  #follow(statusFlags: number): void {
    this.#statusFlags = statusFlags;
    const { inTransaction: wasInTransaction } = this.#scene;
    const inTransaction = (statusFlags & SERVER_STATUS_IN_TRANS) !== 0;
    if (inTransaction !== this.#scene.inTransaction) {
      this.#change({ inTransaction });
      this.#transactionSinceMs = inTransaction ? this.#clock.nowMs() : null;
    }
    if (wasInTransaction && !inTransaction) this.#mayBeSerializable = false;
    const noBackslashEscapes = (statusFlags & SERVER_STATUS_NO_BACKSLASH_ESCAPES) !== 0;
    // Servers say this one with every answer; if it is not what was followed, something else may not be either.
    if (noBackslashEscapes !== this.#scene.dialect.sqlMode.noBackslashEscapes) this.#isStale = true;
  }

  /** Under SERIALIZABLE a transaction locks what it reads; a statement that commits by itself does not. */
  #followLocks(): void {
    const locksReads = (this.#isSerializable || this.#mayBeSerializable) && !this.commitsEachStatement;
    if (locksReads !== this.#scene.locksReads) this.#change({ locksReads });
  }

  /** What fails may have done a part of what it does. */
  #afterEffect(effect: SessionEffect, isDone: boolean): void {
    if (effect.mayBeSerializable === true) this.#mayBeSerializable = true;
    if (isDone) this.#apply(effect);
    else if (effect.isUnknown === true || effect.sqlMode !== undefined) this.#isStale = true;
  }

  #apply({ database, sqlMode, isUnknown }: SessionEffect): void {
    if (database !== undefined && database !== this.#scene.database) this.#change({ database });
    if (sqlMode !== undefined) this.#change({ dialect: { ...this.#scene.dialect, sqlMode } });
    if (isUnknown === true) this.#isStale = true;
  }

  /** Where client and target agreed on session tracking, what the target says outweighs what the text said. */
  #track(sessionState: Buffer): void {
    for (const change of decodeSessionState(sessionState)) {
      if (change.kind === 'schema' && change.name !== this.#scene.database) this.#change({ database: change.name });
      if (change.kind === 'variable') this.#trackVariable(change.name, change.value);
    }
  }

  #trackVariable(name: string, value: string): void {
    const { dialect } = this.#scene;
    if (name === 'sql_mode') this.#change({ dialect: { ...dialect, sqlMode: parseSqlMode(value) } });
    if (name === 'character_set_client' && value !== this.#scene.characterSet) this.#isStale = true;
    if (name === 'character_set_connection' && value !== this.#connectionSet) this.#isStale = true;
  }

  #change(changed: Partial<SessionScene>): void {
    this.#scene = { ...this.#scene, ...changed };
  }
}

/** Whether each character that a session may send is one of the set that its strings are converted into. */
function losesNothing(from: string, into: string): boolean {
  if (from === into || into === 'binary' || into === 'utf8mb4' || from === 'ascii') return true;
  return isUtf8CharacterSet(into) && from !== 'utf8mb4';
}

function mayMakeTemporary({ action, flags, triggers, unknownFunctions, notUnderstood }: StatementFacts): boolean {
  if (action === 'unknown' || action === 'execute' || notUnderstood !== null) return true;
  return triggers.length > 0 || unknownFunctions.length > 0 || flags.includes('temporary');
}
