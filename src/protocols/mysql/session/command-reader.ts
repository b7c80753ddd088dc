import { areCharacters, charactersOf } from '../charset/character-sets.js';
import type { SqlMode } from '../sql/text/dialect.js';
import { assert } from '../../../kernel/assert.js';
import { BrokerError } from '../../../kernel/errors.js';
import type { ErrorCode } from '../../../kernel/errors/error-table.js';
import type { CommandEntry, StatementEntry } from '../recorded/bodies.js';
import { decodeBulkExecute } from '../wire/bulk-execute.js';
import {
  MARIADB_CLIENT_BULK_UNIT_RESULTS,
  MARIADB_CLIENT_STMT_BULK_OPERATIONS,
  mariadbCapabilitiesOf,
} from '../wire/login/capabilities.js';
import {
  COM_FIELD_LIST,
  COM_INIT_DB,
  COM_PING,
  COM_PROCESS_KILL,
  COM_QUERY,
  COM_QUIT,
  COM_RESET_CONNECTION,
  COM_STATISTICS,
  COM_STMT_BULK_EXECUTE,
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
  decodeProcessKill,
  decodeSendLongData,
  decodeStatementId,
  expectBareCommand,
} from '../wire/commands.js';
import type { Frame } from '../wire/frame-decoder.js';
import type { ResponseTracker } from '../wire/response/response-tracker.js';
import { BulkRows } from './prepared/bulk-rows.js';
import type { GrantRecorder } from '../../../gateway/grant-recorder.js';
import type { JudgedStatement, Judgement, SessionEffect, SessionScene } from '../judge/judgement.js';
import { PreparedStatements, typesSent, type PreparedStatement } from './prepared/prepared-statements.js';
import type { RecordedOperation } from './machine/operation.js';
import type { CommandRequest, StatementRequest } from './request.js';
import type { SessionContext } from './session-context.js';
import { readIn, valuesIn, writtenOf } from '../judge/statement-text.js';
import type { XaMemory } from './xa/xa-memory.js';

/** What is to be done with one command of the client. */
export type Reading =
  | StatementRequest
  | CommandRequest
  | { readonly kind: 'refuse'; readonly code: ErrorCode; readonly detail?: string | undefined }
  | { readonly kind: 'quit' };

export interface CommandReaderOptions {
  readonly session: number;
  readonly context: SessionContext;
  /** As agreed on with client and target. */
  readonly capabilities: number;
  readonly recorder: Pick<GrantRecorder, 'nextOperation'>;
  readonly xa: Pick<XaMemory, 'note'>;
  /** For the texts of all open prepared statements, and again for all their values that come in pieces. */
  readonly preparedBytesMax: number;
}

/**
 * Understands the commands of one session: what of them is allowed, which statement an id means, what values were
 * bound, and what the recording has to say of it.
 */
export class CommandReader {
  readonly #options: CommandReaderOptions;
  readonly #prepared: PreparedStatements;

  constructor(options: CommandReaderOptions) {
    this.#options = options;
    this.#prepared = new PreparedStatements(options.preparedBytesMax);
  }

  /** Reads a command. One that is not allowed, names an unknown id or does not decode is refused, the session goes on. */
  read(frame: Frame): Reading {
    try {
      if (frame.commandByte === COM_QUERY) return this.#statement(COM_QUERY, 'COM_QUERY', frame.argument);
      return this.#read(frame.payload);
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      return { kind: 'refuse', code: error.code, detail: error.detail };
    }
  }

  /**
   * The entry of a statement that was judged, and from here on its number in the recording.
   * @throws BrokerError `command_refused` when it names more than the end of the grant can undo
   */
  entryOf(
    { judged, executed }: StatementRequest,
    judgement: Pick<Judgement, 'verdict' | 'policies' | 'fingerprint' | 'why'>,
  ): StatementEntry {
    const { recorder, session, xa } = this.#options;
    const { command, bytes, values, bulk, scene } = judged;
    const written = writtenOf(judged);
    if (executed === undefined) xa.note(bytes, written); // else it was noted when it was prepared
    const { verdict, policies, fingerprint, why } = judgement;
    const operation = recorder.nextOperation();
    const { database } = scene;
    const type = 'operation';
    const shape = fingerprint;
    // As nearly all are: what is absent has no field, and spreading costs as much as the rest of the entry.
    if (why === '' && bulk === undefined && 'text' in written) {
      const { text } = written; // as it was sent, which is not always as it is shown
      if (executed === undefined || values === undefined) {
        const body = { database, text };
        return { type, session, operation, name: command, verdict, policies, shape, body };
      }
      const { statement: prepared } = executed.prepared;
      const body = { database, prepared, values, text };
      return { type, session, operation, name: command, verdict, policies, shape, body };
    }
    return {
      type,
      session,
      operation,
      name: command,
      verdict,
      policies,
      shape,
      ...(why === '' ? {} : { why }),
      body: {
        database,
        ...(executed === undefined ? {} : { prepared: executed.prepared.statement }),
        ...(values === undefined ? {} : { values }),
        ...(bulk === undefined ? {} : { bulk: bulk.recorded }),
        ...written,
      },
    };
  }

  /** Only what is forwarded changes what the target knows of a prepared statement. */
  forwarded({ executed }: StatementRequest): void {
    if (executed === undefined) return;
    const { prepared, newTypes } = executed;
    if (newTypes !== undefined) typesSent(prepared, newTypes);
    this.#prepared.forgetLongData(prepared);
  }

  /** An id for a statement whose preparing is deferred. */
  nextDeferredId(): number {
    return this.#prepared.nextDeferredId();
  }

  /** Of the session, whatever its prepared statements were prepared in. */
  get databaseNow(): string | null {
    return this.#scene.database;
  }

  /** Gives the values that came in pieces for a statement, each whole. */
  longDataOf(prepared: PreparedStatement): ReadonlyMap<number, Buffer> {
    return this.#prepared.joinLongData(prepared);
  }

  /** Keeps up with a statement or command that was answered with OK; `isDeferred`: the target does not know it yet. */
  answered(
    { request, statement }: Pick<RecordedOperation, 'request' | 'statement'>,
    isDeferred: boolean,
    tracker: ResponseTracker,
  ): void {
    const { prepared } = tracker;
    if (request.command === COM_STMT_PREPARE && request.kind === 'statement' && prepared !== undefined) {
      assert(statement !== undefined, 'what was prepared has a number');
      const { statementId: id, parameterCount } = prepared;
      const { bytes, analysed, text, scene } = request.judged;
      const targetId = isDeferred ? undefined : id;
      this.#prepared.add({ id, targetId, statement, read: { bytes, analysed, text }, parameterCount, scene });
    }
    if (request.command === COM_RESET_CONNECTION) this.#prepared.clear();
    const executed = request.kind === 'statement' ? request.executed : undefined;
    if (executed?.newTypes !== undefined) executed.prepared.types = executed.newTypes; // it ran with them
  }

  #read(payload: Buffer): Reading {
    const command = payload[0] ?? -1;
    switch (command) {
      case COM_STMT_PREPARE:
        return this.#readPrepare(payload);
      case COM_STMT_EXECUTE:
        return this.#readExecute(payload);
      case COM_STMT_BULK_EXECUTE:
        return this.#readBulkExecute(payload);
      case COM_STMT_SEND_LONG_DATA:
        return this.#readLongData(payload);
      case COM_STMT_FETCH: {
        const prepared = this.#prepared.get(decodeFetch(payload).statementId);
        // As the target answers for a statement that was never executed.
        if (prepared.targetId === undefined) return { kind: 'refuse', code: 'statement_unknown' };
        return this.#command(command, prepared);
      }
      case COM_STMT_RESET:
      case COM_STMT_CLOSE:
        return this.#readStatementCommand(command, payload);
      case COM_INIT_DB: {
        const database = this.#nameOf(decodeInitDb(payload));
        return this.#command(command, database, { database });
      }
      case COM_FIELD_LIST:
        return this.#command(command, this.#nameOf(decodeFieldList(payload).table));
      case COM_PROCESS_KILL: {
        const id = decodeProcessKill(payload);
        const kill = { what: 'connection', id: { kind: 'connection', id } } as const;
        return { ...this.#command(command, String(id)), kill };
      }
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

  #readPrepare(payload: Buffer): StatementRequest {
    this.#prepared.forgetLast();
    this.#prepared.requireRoom(payload.length);
    // A copy: the text is kept beyond its chunk, and every execution is judged by it.
    return this.#statement(COM_STMT_PREPARE, 'COM_STMT_PREPARE', Buffer.from(payload.subarray(1)));
  }

  #readExecute(payload: Buffer): StatementRequest {
    const prepared = this.#executed(payload);
    const { parameterCount, types, read } = prepared;
    const execute = decodeExecute(payload, {
      parameterCount,
      ...(types === undefined ? {} : { types }),
      longData: this.#prepared.joinLongData(prepared),
    });
    const { newTypes, flags } = execute;
    return {
      kind: 'statement',
      command: COM_STMT_EXECUTE,
      judged: {
        command: 'COM_STMT_EXECUTE',
        ...read,
        values: valuesIn(execute.values, this.#scene),
        scene: sceneOf(prepared, this.#scene),
      },
      executed: { prepared, newTypes, cursorRequested: flags === CURSOR_TYPE_READ_ONLY },
    };
  }

  /** Many rows of values at once: MariaDB's alone, and its clients' that agreed on it. */
  #readBulkExecute(payload: Buffer): StatementRequest {
    const agreed = mariadbCapabilitiesOf(this.#options.capabilities);
    if ((agreed & MARIADB_CLIENT_STMT_BULK_OPERATIONS) === 0) throw new BrokerError('command_refused');
    const prepared = this.#executed(payload);
    const { parameterCount, types, read, longData } = prepared;
    if (longData.size > 0) throw new BrokerError('packet_malformed', { detail: NO_PIECES_IN_ROWS });
    const unitResults = (agreed & MARIADB_CLIENT_BULK_UNIT_RESULTS) !== 0;
    const execute = decodeBulkExecute(payload, { parameterCount, types, unitResults });
    return {
      kind: 'statement',
      command: COM_STMT_BULK_EXECUTE,
      judged: {
        command: 'COM_STMT_BULK_EXECUTE',
        ...read,
        values: undefined,
        bulk: new BulkRows(execute, this.#scene),
        scene: sceneOf(prepared, this.#scene),
      },
      executed: { prepared, newTypes: execute.newTypes, cursorRequested: false },
    };
  }

  /** MariaDB's connectors execute ahead of the answer to PREPARE, with −1 for what will have been prepared. */
  #executed(payload: Buffer): PreparedStatement {
    return this.#prepared.get(decodeExecuteId(payload), this.#scene.dialect.flavour === 'mariadb');
  }

  #readLongData(payload: Buffer): CommandRequest {
    const { statementId, parameterIndex, content } = decodeSendLongData(payload);
    const prepared = this.#prepared.get(statementId);
    this.#prepared.addLongData(prepared, parameterIndex, content);
    return this.#command(COM_STMT_SEND_LONG_DATA, prepared);
  }

  #readStatementCommand(command: number, payload: Buffer): CommandRequest {
    const prepared = this.#prepared.get(decodeStatementId(payload));
    if (command === COM_STMT_RESET) this.#prepared.forgetLongData(prepared);
    else this.#prepared.delete(prepared.id);
    return this.#command(command, prepared);
  }

  /** A name in a command, which the server reads by the session's character set as it does texts. */
  #nameOf(bytes: Buffer): string {
    const { characterSet } = this.#scene;
    if (!areCharacters(bytes, characterSet)) {
      throw new BrokerError('packet_malformed', { detail: `A name is not ${characterSet}.` });
    }
    return charactersOf(bytes, characterSet);
  }

  get #scene(): SessionScene {
    return this.#options.context.scene;
  }

  #statement(command: number, name: JudgedStatement['command'], bytes: Buffer): StatementRequest {
    const scene = this.#scene;
    const judged = { command: name, bytes, ...readIn(bytes, scene), values: undefined, scene };
    return { kind: 'statement', command, judged, executed: undefined };
  }

  #command(command: number, about?: string | PreparedStatement, effect?: SessionEffect): CommandRequest {
    const argument = typeof about === 'object' ? String(about.statement) : about;
    const entry: CommandEntry = {
      type: 'note',
      session: this.#options.session,
      name: commandName(command),
      ...(argument === undefined ? {} : { body: { argument } }),
    };
    return { kind: 'command', command, entry, effect, prepared: typeof about === 'object' ? about : undefined };
  }
}

const NO_PIECES_IN_ROWS =
  'The client sent rows of values for a statement after it had sent one of its values in pieces.';

/**
 * What an execution means: both servers read the text and resolve its names in the database in which it was prepared.
 * Under which modes they read it again once a table has changed is nothing to rely on.
 * @throws BrokerError `statement_unknown`
 */
function sceneOf(prepared: PreparedStatement, now: SessionScene): SessionScene {
  const { scene: then, executedIn } = prepared;
  if (now === then) return now;
  if (executedIn?.now === now) return executedIn.scene;
  const isSameSet = now.characterSet === then.characterSet && now.narrowedTo === then.narrowedTo;
  if (!isSameSet || !isSameMode(now.dialect.sqlMode, then.dialect.sqlMode)) {
    throw new BrokerError('statement_unknown', {
      detail:
        'The statement was prepared with a different sql_mode or character set than the session has now; prepare it again.',
    });
  }
  const scene = now.database === then.database ? now : { ...now, database: then.database };
  prepared.executedIn = { now, scene };
  return scene;
}

function isSameMode(one: SqlMode, other: SqlMode): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
