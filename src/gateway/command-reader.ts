import type { Flavour } from '../domain/target.js';
import { BrokerError, type ErrorCode } from '../kernel/errors.js';
import type { CommandEntry, StatementEntry } from '../recording/entries.js';
import {
  COM_FIELD_LIST,
  COM_INIT_DB,
  COM_PING,
  COM_QUERY,
  COM_QUIT,
  COM_RESET_CONNECTION,
  COM_STATISTICS,
  COM_STMT_CLOSE,
  COM_STMT_EXECUTE,
  COM_STMT_FETCH,
  COM_STMT_PREPARE,
  COM_STMT_RESET,
  COM_STMT_SEND_LONG_DATA,
  commandName,
  CURSOR_TYPE_READ_ONLY,
  decodeExecute,
  decodeExecuteId,
  decodeFetch,
  decodeFieldList,
  decodeInitDb,
  decodeSendLongData,
  decodeStatementId,
  expectBareCommand,
} from '../wire/mysql/commands.js';
import type { ResponseTracker } from '../wire/mysql/response-tracker.js';
import { decodeSessionState } from '../wire/mysql/session-state.js';
import { statementText, type GrantRecorder } from './grant-recorder.js';
import type { JudgedStatement, Policy } from './ports.js';
import { PreparedStatements, type PreparedStatement } from './prepared-statements.js';

/** What is to be done with one command of the client. */
export type Reading =
  | ReadCommand
  | { readonly kind: 'refuse'; readonly code: ErrorCode; readonly detail?: string | undefined }
  | { readonly kind: 'quit' };

/** A command that may go to the target once its entry is written. */
export interface ReadCommand {
  readonly kind: 'forward';
  readonly command: number;
  readonly entry: StatementEntry | CommandEntry;
  /** The statement's number in the recording; undefined for a command that carries none. */
  readonly statement: number | undefined;
  readonly cursorRequested: boolean;
  /** Text of a statement being prepared, until the target gives it an id. */
  readonly preparing: Buffer | undefined;
  /** The session's database once the target has said OK. */
  readonly nextDatabase: string | undefined;
}

export interface CommandReaderOptions {
  readonly session: number;
  readonly flavour: Flavour;
  readonly database: string | null;
  readonly recorder: Pick<GrantRecorder, 'nextStatement' | 'noteText'>;
  readonly policy: Policy;
  /** For the texts of all open prepared statements, and again for all their values that come in pieces. */
  readonly preparedBytesMax: number;
}

/** What a statement brings along beside its text. */
interface StatementParts {
  readonly executed?: { readonly prepared: PreparedStatement; readonly values: NonNullable<JudgedStatement['values']> };
  readonly cursorRequested?: boolean;
  readonly preparing?: Buffer;
  readonly nextDatabase?: string | undefined;
}

/**
 * Understands the commands of one session: what of them is allowed, which statement an id means, what values were
 * bound, in which database, and what the recording has to say of it.
 */
export class CommandReader {
  readonly #options: CommandReaderOptions;
  readonly #prepared: PreparedStatements;
  #database: string | null;

  constructor(options: CommandReaderOptions) {
    this.#options = options;
    this.#database = options.database;
    this.#prepared = new PreparedStatements(options.preparedBytesMax);
  }

  /** Reads a command. One that is not allowed, names an unknown id or does not decode is refused, the session goes on. */
  read(payload: Buffer): Reading {
    try {
      return this.#read(payload);
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      return { kind: 'refuse', code: error.code, detail: error.detail };
    }
  }

  /** Keeps up with what a command changed that the target has answered with OK. */
  answered({ command, statement, preparing, nextDatabase }: ReadCommand, tracker: ResponseTracker): void {
    const { prepared } = tracker;
    if (preparing !== undefined && prepared !== undefined && statement !== undefined) {
      const { statementId, parameterCount } = prepared;
      this.#prepared.add({ id: statementId, statement, text: preparing, parameterCount });
    }
    this.#database = trackedDatabase(tracker) ?? nextDatabase ?? this.#database;
    if (command === COM_RESET_CONNECTION) this.#prepared.clear();
  }

  #read(payload: Buffer): Reading {
    const command = payload[0] ?? -1;
    switch (command) {
      case COM_QUERY:
        return this.#readQuery(payload);
      case COM_STMT_PREPARE:
        return this.#readPrepare(payload);
      case COM_STMT_EXECUTE:
        return this.#readExecute(payload);
      case COM_STMT_SEND_LONG_DATA:
        return this.#readLongData(payload);
      case COM_STMT_FETCH:
        return this.#command(command, this.#prepared.get(decodeFetch(payload).statementId));
      case COM_STMT_RESET:
      case COM_STMT_CLOSE:
        return this.#readStatementCommand(command, payload);
      case COM_INIT_DB:
        return { ...this.#command(command, decodeInitDb(payload)), nextDatabase: decodeInitDb(payload) };
      case COM_FIELD_LIST:
        return this.#command(command, decodeFieldList(payload).table);
      case COM_PING:
      case COM_STATISTICS:
      case COM_RESET_CONNECTION:
        expectBareCommand(payload);
        return this.#command(command);
      case COM_QUIT:
        return { kind: 'quit' };
      default:
        return { kind: 'refuse', code: 'command_refused' };
    }
  }

  #readQuery(payload: Buffer): ReadCommand {
    const text = payload.subarray(1);
    return this.#statement(COM_QUERY, 'COM_QUERY', text, { nextDatabase: usedDatabase(text) });
  }

  #readPrepare(payload: Buffer): ReadCommand {
    this.#prepared.requireRoom(payload.length);
    const text = Buffer.from(payload.subarray(1)); // kept beyond its chunk
    return this.#statement(COM_STMT_PREPARE, 'COM_STMT_PREPARE', text, { preparing: text });
  }

  #readExecute(payload: Buffer): ReadCommand {
    const prepared = this.#prepared.get(decodeExecuteId(payload));
    const { parameterCount, types } = prepared;
    const execute = decodeExecute(payload, {
      parameterCount,
      ...(types === undefined ? {} : { types }),
      longData: this.#prepared.joinLongData(prepared),
    });
    const reading = this.#statement(COM_STMT_EXECUTE, 'COM_STMT_EXECUTE', prepared.text, {
      executed: { prepared, values: execute.values },
      cursorRequested: execute.flags === CURSOR_TYPE_READ_ONLY,
    });
    // Only what is forwarded changes what the target knows of the statement.
    prepared.types = execute.newTypes ?? types;
    this.#prepared.forgetLongData(prepared);
    return reading;
  }

  #readLongData(payload: Buffer): ReadCommand {
    const { statementId, parameterIndex, content } = decodeSendLongData(payload);
    const prepared = this.#prepared.get(statementId);
    this.#prepared.addLongData(prepared, parameterIndex, content);
    return this.#command(COM_STMT_SEND_LONG_DATA, prepared);
  }

  #readStatementCommand(command: number, payload: Buffer): ReadCommand {
    const prepared = this.#prepared.get(decodeStatementId(payload));
    if (command === COM_STMT_RESET) this.#prepared.forgetLongData(prepared);
    else this.#prepared.delete(prepared.id);
    return this.#command(command, prepared);
  }

  #statement(command: number, name: StatementEntry['command'], text: Buffer, parts: StatementParts): ReadCommand {
    const { recorder, policy, flavour, session } = this.#options;
    const database = this.#database;
    const { executed } = parts;
    const values = executed?.values;
    const written = statementText(text);
    recorder.noteText(text, written);
    const judgement = policy.judge({ command: name, text, values, database, flavour });
    const statement = recorder.nextStatement();
    const entry: StatementEntry = {
      type: 'statement',
      session,
      statement,
      command: name,
      database,
      ...judgement,
      ...(executed === undefined ? {} : { prepared: executed.prepared.statement, values: executed.values }),
      ...written,
    };
    return {
      kind: 'forward',
      command,
      entry,
      statement,
      cursorRequested: parts.cursorRequested ?? false,
      preparing: parts.preparing,
      nextDatabase: parts.nextDatabase,
    };
  }

  #command(command: number, about?: string | PreparedStatement): ReadCommand {
    const argument = typeof about === 'object' ? String(about.statement) : about;
    const entry: CommandEntry = {
      type: 'command',
      session: this.#options.session,
      command: commandName(command),
      ...(argument === undefined ? {} : { argument }),
    };
    return {
      kind: 'forward',
      command,
      entry,
      statement: undefined,
      cursorRequested: false,
      preparing: undefined,
      nextDatabase: undefined,
    };
  }
}

const USE_TEXT_BYTES_MAX = 256;
const USE_STATEMENT = /^\s*use\s+(?:`((?:[^`]|``)+)`|([\w$]+))\s*;?\s*$/i;

/** The database that a plain USE names, for targets and clients without session tracking. */
function usedDatabase(text: Buffer): string | undefined {
  if (text.length > USE_TEXT_BYTES_MAX || !mayStartUse(text[0] ?? 0)) return undefined;
  const use = USE_STATEMENT.exec(text.toString('utf8'));
  return use?.[1]?.replaceAll('``', '`') ?? use?.[2];
}

/** Settles nearly every other statement by its first byte: neither white space, which may be beyond ASCII, nor a U. */
function mayStartUse(first: number): boolean {
  return first <= 0x20 || first >= 0x80 || (first | 0x20) === 0x75;
}

/** The database that the target says the session is in now, where client and target agreed on session tracking. */
function trackedDatabase(tracker: ResponseTracker): string | undefined {
  let database: string | undefined;
  for (const { sessionState } of tracker.results) {
    if (sessionState === undefined) continue;
    for (const change of decodeSessionState(sessionState)) if (change.kind === 'schema') database = change.name;
  }
  return database;
}
