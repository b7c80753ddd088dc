import type { Socket } from 'node:net';
import { CLOSE_ERROR } from '../domain/grant.js';
import type { Flavour } from '../domain/target.js';
import type { Clock } from '../kernel/clock.js';
import { BrokerError, ERROR_TABLE, sentenceOf, type ErrorCode } from '../kernel/errors.js';
import type { CommandEntry, EntryBody, ResultEntry, SessionClosed } from '../recording/entries.js';
import type { ResponseCapture } from '../recording/response-capture.js';
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
  decodeSendLongData,
  decodeStatementId,
} from '../wire/mysql/commands.js';
import { type Frame, FrameDecoder } from '../wire/mysql/frame-decoder.js';
import { encodePackets } from '../wire/mysql/packet.js';
import { encodeErr } from '../wire/mysql/packets.js';
import { ResponseTracker } from '../wire/mysql/response-tracker.js';
import { decodeSessionState } from '../wire/mysql/session-state.js';
import { statementText, type GrantRecorder } from './grant-recorder.js';
import type { JudgedStatement, Policy } from './ports.js';
import { PreparedStatements, type PreparedStatement } from './prepared-statements.js';
import { resultEntry } from './result-entry.js';

export interface SessionLimits {
  readonly commandBytesMax: number;
  /** Bytes that a client may send ahead of the answer it waits for. */
  readonly pipelinedBytesMax: number;
}

export interface SessionOptions {
  readonly number: number;
  readonly client: Socket;
  readonly target: Socket;
  readonly targetThread: number;
  readonly capabilities: number;
  readonly flavour: Flavour;
  readonly database: string | null;
  readonly deadlineMs: number;
  readonly recorder: GrantRecorder;
  readonly policy: Policy;
  readonly clock: Clock;
  readonly limits: SessionLimits;
  /** Ends the statement that runs at the target now. */
  readonly killRunning: (thread: number) => Promise<void>;
}

/** What a forwarded command will be answered for. */
interface InFlight {
  readonly command: number;
  readonly requestSequenceId: number;
  readonly statement: number | undefined;
  readonly startedUs: number;
  /** Text of a statement being prepared, until the target gives it an id. */
  readonly preparing?: Buffer;
  /** The session's database when the answer says OK. */
  readonly nextDatabase?: string;
}

/**
 * `idle`: the next command may be read. `recording`: a command's entry is being written. `answering`: the command is at
 * the target. `preparing`: the gateway's own statement is at the target. `ended`: nothing is forwarded any more.
 */
type Phase = 'idle' | 'recording' | 'answering' | 'preparing' | 'ended';

const KILL_WAIT_MS = 2_000;
/** A client that was told why its session ended has this long to read it. */
const FAREWELL_MS = 5_000;
const REFUSED_HEAD_BYTES = 16;

const ER_QUERY_INTERRUPTED = 1317;
const ER_CONNECTION_KILLED = 1927;

/**
 * One client connection under a grant, after both legs have logged in: reads a command, has it judged, has it recorded,
 * and only then forwards the bytes as they came; follows the answer and passes it on as it comes.
 *
 * One command at a time: what a client pipelines waits unread until the answer before it has ended, so that the order
 * of the recording is the order of what happened.
 */
export class Session {
  readonly number: number;
  /** Resolves when both legs are gone and the session's last entry is appended. */
  readonly ended: Promise<void>;
  readonly #options: SessionOptions;
  readonly #client: Socket;
  readonly #target: Socket;
  readonly #decoder: FrameDecoder;
  readonly #tracker: ResponseTracker;
  readonly #capture: ResponseCapture;
  readonly #prepared: PreparedStatements;
  readonly #resolveEnded: () => void;
  #phase: Phase = 'idle';
  #inFlight: InFlight | undefined;
  #database: string | null;
  #ending: ErrorCode | undefined;
  #clientListens = true;
  #clientFinished = false;
  #clientPaused = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.number = options.number;
    this.#client = options.client;
    this.#target = options.target;
    this.#database = options.database;
    this.#decoder = new FrameDecoder({ payloadBytesMax: options.limits.commandBytesMax });
    this.#tracker = new ResponseTracker(options.capabilities);
    this.#capture = options.recorder.captureResponse();
    this.#prepared = new PreparedStatements(options.limits.commandBytesMax);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#resolveEnded = resolve;
  }

  /** Starts to read. The caller has sent the client its OK. */
  start(): void {
    this.#client.on('data', (chunk: Buffer) => this.#onClientData(chunk));
    this.#client.on('end', () => this.#onClientEnd());
    this.#client.on('drain', () => this.#target.resume());
    this.#client.on('error', () => {}); // 'close' follows and says all there is to say
    this.#client.on('close', () => this.#onClientClose());
    this.#target.on('data', (chunk: Buffer) => this.#onTargetData(chunk));
    this.#target.on('drain', () => this.#resumeClient());
    this.#target.on('error', () => {});
    this.#target.on('close', () => this.#onTargetClose());
    this.#limitStatementTime();
  }

  /**
   * Ends the session because its grant ends. A running statement is killed at the target first; the client is told why
   * by ERR, in answer to that statement or to whatever it sends next.
   */
  end(code: ErrorCode): void {
    if (this.#phase === 'ended' || this.#ending !== undefined) return;
    this.#ending = code;
    if (this.#phase === 'answering') {
      this.#timer = setTimeout(() => this.#giveUpAnswer(code), KILL_WAIT_MS);
      this.#options.killRunning(this.#options.targetThread).catch(() => this.#giveUpAnswer(code));
      return;
    }
    if (this.#phase === 'recording') this.#recordNotForwarded(code);
    this.#farewell(code, this.#inFlight === undefined ? 0 : this.#inFlight.requestSequenceId);
    this.#close('grant-closed', code);
  }

  // The client leg

  #onClientData(chunk: Buffer): void {
    if (this.#phase === 'ended') return;
    this.#decoder.push(chunk);
    if (this.#phase === 'idle') this.#pump();
    if (this.#phase !== 'idle' && this.#decoder.bufferedBytes > this.#options.limits.pipelinedBytesMax) {
      this.#clientPaused = true;
      this.#client.pause();
    }
  }

  #pump(): void {
    try {
      while (this.#phase === 'idle' && this.#ending === undefined) {
        const frame = this.#decoder.next();
        if (frame === undefined) break;
        this.#onCommand(frame);
      }
    } catch (error) {
      this.#failClient(error);
      return;
    }
    if (this.#phase !== 'idle') return;
    if (this.#clientPaused) this.#resumeClient();
    if (this.#clientFinished) this.#close('client-gone');
  }

  #resumeClient(): void {
    if (this.#target.writableNeedDrain) return;
    if (this.#phase !== 'idle' && this.#decoder.bufferedBytes > this.#options.limits.pipelinedBytesMax) return;
    this.#clientPaused = false;
    this.#client.resume();
  }

  #onCommand(frame: Frame): void {
    const command = frame.commandByte ?? -1;
    const code = this.#whyNothingIsForwarded();
    if (code !== undefined) return this.#refuse(frame, code);
    switch (command) {
      case COM_QUERY:
        return this.#onQuery(frame);
      case COM_STMT_PREPARE:
        return this.#onPrepare(frame);
      case COM_STMT_EXECUTE:
        return this.#onPreparedCommand(frame, () => this.#onExecute(frame));
      case COM_STMT_SEND_LONG_DATA:
        return this.#onPreparedCommand(frame, () => this.#onSendLongData(frame));
      case COM_STMT_FETCH:
        return this.#onPreparedCommand(frame, () => this.#onFetch(frame));
      case COM_STMT_RESET:
      case COM_STMT_CLOSE:
        return this.#onPreparedCommand(frame, () => this.#onStatementCommand(frame, command));
      case COM_INIT_DB: {
        const database = frame.payload.subarray(1).toString('utf8');
        return this.#forward(frame, this.#commandEntry(command, database), { nextDatabase: database });
      }
      case COM_FIELD_LIST: {
        const argument = frame.payload.subarray(1).toString('utf8').replace('\0', ' ');
        return this.#forward(frame, this.#commandEntry(command, argument), {});
      }
      case COM_PING:
      case COM_STATISTICS:
      case COM_RESET_CONNECTION:
        return this.#forward(frame, this.#commandEntry(command), {});
      case COM_QUIT:
        return this.#close('client-quit');
      default:
        return this.#refuse(frame, 'command_refused');
    }
  }

  #whyNothingIsForwarded(): ErrorCode | undefined {
    if (this.#options.clock.nowMs() >= this.#options.deadlineMs) return CLOSE_ERROR.expired;
    if (!this.#options.recorder.admits) return 'recording_unavailable';
    return undefined;
  }

  #onQuery(frame: Frame): void {
    const text = frame.payload.subarray(1);
    const use = USE_STATEMENT.exec(text.length <= USE_TEXT_BYTES_MAX ? text.toString('utf8') : '');
    const nextDatabase = use?.[1]?.replaceAll('``', '`') ?? use?.[2];
    this.#judgeAndForward(frame, { command: 'COM_QUERY', text }, nextDatabase === undefined ? {} : { nextDatabase });
  }

  #onPrepare(frame: Frame): void {
    if (this.#prepared.isFull) return this.#refuse(frame, 'payload_too_large');
    const text = Buffer.from(frame.payload.subarray(1)); // kept beyond its chunk
    this.#judgeAndForward(frame, { command: 'COM_STMT_PREPARE', text }, { preparing: text });
  }

  #onExecute(frame: Frame): void {
    const { payload } = frame;
    const prepared = this.#prepared.get(decodeExecuteId(payload));
    const { parameterCount, types } = prepared;
    const execute = decodeExecute(payload, {
      parameterCount,
      ...(types === undefined ? {} : { types }),
      longData: this.#prepared.joinLongData(prepared),
    });
    prepared.types = execute.newTypes ?? types;
    this.#prepared.forgetLongData(prepared);
    this.#judgeAndForward(
      frame,
      { command: 'COM_STMT_EXECUTE', text: prepared.text, values: execute.values, prepared },
      {},
      execute.flags === CURSOR_TYPE_READ_ONLY,
    );
  }

  #onSendLongData(frame: Frame): void {
    const { statementId, parameterIndex, content } = decodeSendLongData(frame.payload);
    const prepared = this.#prepared.get(statementId);
    this.#prepared.addLongData(prepared, parameterIndex, content);
    this.#forward(frame, this.#commandEntry(COM_STMT_SEND_LONG_DATA, String(prepared.statement)), {});
  }

  #onFetch(frame: Frame): void {
    const prepared = this.#prepared.get(decodeFetch(frame.payload).statementId);
    this.#forward(frame, this.#commandEntry(COM_STMT_FETCH, String(prepared.statement)), {});
  }

  #onStatementCommand(frame: Frame, command: number): void {
    const prepared = this.#prepared.get(decodeStatementId(frame.payload));
    if (command === COM_STMT_RESET) this.#prepared.forgetLongData(prepared);
    if (command === COM_STMT_CLOSE) this.#prepared.delete(prepared.id);
    this.#forward(frame, this.#commandEntry(command, String(prepared.statement)), {});
  }

  /** Refuses what names an id that this session was not given, and what does not decode, without ending the session. */
  #onPreparedCommand(frame: Frame, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof BrokerError) || this.#phase !== 'idle') throw error;
      this.#refuse(frame, error.code, error.detail);
    }
  }

  #judgeAndForward(
    frame: Frame,
    statement: Omit<JudgedStatement, 'database' | 'flavour' | 'values'> & {
      readonly values?: JudgedStatement['values'];
      readonly prepared?: PreparedStatement;
    },
    flight: Pick<InFlight, 'preparing' | 'nextDatabase'>,
    cursorRequested = false,
  ): void {
    const { recorder, policy, flavour } = this.#options;
    const { command, text, values, prepared } = statement;
    const judgement = policy.judge({ command, text, values, database: this.#database, flavour });
    const number = recorder.nextStatement();
    recorder.noteText(text);
    this.#forward(
      frame,
      {
        type: 'statement',
        session: this.number,
        statement: number,
        command,
        database: this.#database,
        ...judgement,
        ...(prepared === undefined ? {} : { prepared: prepared.statement }),
        ...statementText(text),
        ...(values === undefined ? {} : { values }),
      },
      { ...flight, statement: number },
      cursorRequested,
    );
  }

  /** Appends the entry, and when it is written sends the command's bytes to the target as they came. */
  #forward(
    frame: Frame,
    entry: EntryBody,
    flight: Partial<Pick<InFlight, 'statement' | 'preparing' | 'nextDatabase'>>,
    cursorRequested = false,
  ): void {
    const command = frame.commandByte ?? -1;
    this.#phase = 'recording';
    this.#inFlight = {
      statement: undefined,
      ...flight,
      command,
      requestSequenceId: frame.lastSequenceId,
      startedUs: this.#options.clock.monotonicUs(),
    };
    this.#options.recorder.append(entry, () => this.#release(frame, command, cursorRequested));
  }

  #release(frame: Frame, command: number, cursorRequested: boolean): void {
    if (this.#phase !== 'recording') return; // the session ended while the entry was being written
    this.#phase = 'answering';
    this.#tracker.begin(command, frame.lastSequenceId, cursorRequested);
    let flows = true;
    for (const bytes of frame.wire) flows = this.#target.write(bytes);
    if (!flows) this.#pauseClient();
    if (this.#tracker.done) this.#idle();
  }

  #pauseClient(): void {
    this.#clientPaused = true;
    this.#client.pause();
  }

  #commandEntry(command: number, argument?: string): CommandEntry {
    return {
      type: 'command',
      session: this.number,
      command: commandName(command),
      ...(argument === undefined ? {} : { argument }),
    };
  }

  /** Tells the client no, and records it. A command that has no answer gets none. */
  #refuse(frame: Frame, code: ErrorCode, detail?: string): void {
    const command = frame.commandByte ?? -1;
    const { payload } = frame;
    if (this.#options.recorder.admits) {
      this.#options.recorder.append({
        type: 'command.refused',
        session: this.number,
        command: commandName(command),
        code,
        payloadBytes: payload.length,
        head: payload.subarray(0, REFUSED_HEAD_BYTES).toString('hex'),
      });
    }
    if (command === COM_STMT_SEND_LONG_DATA || command === COM_STMT_CLOSE) return;
    this.#client.write(errPacket(code, frame.lastSequenceId + 1, detail));
  }

  // The target leg

  #onTargetData(chunk: Buffer): void {
    if (this.#phase !== 'answering' && this.#phase !== 'preparing') {
      // A server says why it gives an idle session up, then closes it; the close is what counts.
      if (this.#phase !== 'ended') this.#failTarget(new BrokerError('target_leg_lost'));
      return;
    }
    try {
      const end = this.#tracker.push(chunk);
      if (this.#phase === 'answering') this.#deliver(end === chunk.length ? chunk : chunk.subarray(0, end));
      if (end < chunk.length)
        throw new BrokerError('target_protocol_violation', { detail: 'Bytes came behind the answer.' });
    } catch (error) {
      this.#failTarget(error);
      return;
    }
    if (this.#tracker.done) this.#onAnswered();
  }

  #deliver(part: Buffer): void {
    const ending = this.#ending;
    const bytes = ending !== undefined && this.#isKilledAnswer() ? this.#killedAnswer(ending) : part;
    this.#capture.take(bytes);
    if (this.#clientListens && !this.#client.write(bytes)) this.#target.pause();
  }

  /** The gateway had the statement killed; the client shall read why, not that something was interrupted. */
  #isKilledAnswer(): boolean {
    const errno = this.#tracker.error?.errno;
    return this.#capture.bytes === 0 && (errno === ER_QUERY_INTERRUPTED || errno === ER_CONNECTION_KILLED);
  }

  #killedAnswer(code: ErrorCode): Buffer {
    return errPacket(code, (this.#inFlight?.requestSequenceId ?? 0) + 1);
  }

  #onAnswered(): void {
    const inFlight = this.#inFlight;
    if (this.#phase === 'preparing' || inFlight === undefined) {
      if (this.#tracker.error !== undefined)
        this.#failTarget(
          new BrokerError('target_protocol_violation', { detail: 'The target refused the time limit.' }),
        );
      else this.#idle();
      return;
    }
    this.#recordResult(inFlight, this.#tracker.error === undefined ? 'ok' : 'error');
    if (this.#tracker.error === undefined) this.#follow(inFlight);
    if (inFlight.command === COM_RESET_CONNECTION && this.#ending === undefined) this.#limitStatementTime();
    else this.#idle();
  }

  /** Keeps up with what an answered command changed. */
  #follow(inFlight: InFlight): void {
    const { prepared } = this.#tracker;
    if (inFlight.preparing !== undefined && prepared !== undefined && inFlight.statement !== undefined) {
      const { statementId, parameterCount } = prepared;
      this.#prepared.add({ id: statementId, statement: inFlight.statement, text: inFlight.preparing, parameterCount });
    }
    this.#database = trackedDatabase(this.#tracker) ?? inFlight.nextDatabase ?? this.#database;
    if (inFlight.command === COM_RESET_CONNECTION) this.#prepared.clear();
  }

  #idle(): void {
    this.#inFlight = undefined;
    this.#phase = 'idle';
    const ending = this.#ending;
    if (ending !== undefined) {
      // An answered statement was told why already when it was killed; anything else reads it next.
      this.#farewell(ending, 0);
      this.#close('grant-closed', ending);
    } else if (!this.#clientListens) {
      this.#close('client-gone');
    } else {
      this.#pump();
    }
  }

  /** No statement may outlast the grant, even when nobody is there any more to kill it. */
  #limitStatementTime(): void {
    const leftMs = Math.max(1, Math.ceil(this.#options.deadlineMs - this.#options.clock.nowMs()));
    const statement =
      this.#options.flavour === 'mariadb'
        ? `SET SESSION max_statement_time = ${leftMs / 1000}`
        : `SET SESSION max_execution_time = ${leftMs}`;
    this.#phase = 'preparing';
    this.#tracker.begin(COM_QUERY);
    this.#target.write(encodePackets(0, Buffer.from(`${String.fromCharCode(COM_QUERY)}${statement}`, 'latin1')));
  }

  #recordResult(inFlight: InFlight, outcome: ResultEntry['outcome']): void {
    const response = this.#capture.bytes > 0 ? this.#capture.finish() : undefined;
    this.#options.recorder.append(
      resultEntry({
        session: this.number,
        statement: inFlight.statement,
        command: commandName(inFlight.command),
        outcome,
        tracker: this.#tracker,
        durationUs: this.#options.clock.monotonicUs() - inFlight.startedUs,
        response,
      }),
    );
  }

  /** The statement's entry is written, but its bytes will not leave: say so, or it would look like an unknown outcome. */
  #recordNotForwarded(code: ErrorCode): void {
    const inFlight = this.#inFlight;
    if (inFlight?.statement === undefined || !this.#options.recorder.admits) return;
    const { errno, sqlState } = ERROR_TABLE[code];
    this.#options.recorder.append({
      type: 'result',
      session: this.number,
      statement: inFlight.statement,
      command: commandName(inFlight.command),
      outcome: 'error',
      results: [],
      error: { errno, sqlState, message: sentenceOf(code) },
      durationUs: this.#options.clock.monotonicUs() - inFlight.startedUs,
    });
  }

  // Ends

  #onClientEnd(): void {
    this.#clientFinished = true;
    if (this.#phase === 'idle') this.#close('client-gone');
  }

  /** The answer to what the client has sent is still read to its end and recorded. */
  #onClientClose(): void {
    this.#clientListens = false;
    this.#target.resume();
    if (this.#phase === 'idle') this.#close('client-gone');
  }

  #onTargetClose(): void {
    if (this.#phase !== 'ended') this.#failTarget(new BrokerError('target_leg_lost'));
  }

  #giveUpAnswer(code: ErrorCode): void {
    if (this.#phase !== 'answering') return;
    this.#failTarget(new BrokerError(code));
  }

  /** The target leg is of no more use: it is gone, or it broke the protocol. */
  #failTarget(error: unknown): void {
    if (this.#phase === 'ended') return;
    const fault = error instanceof BrokerError ? error : new BrokerError('internal', { cause: error });
    const inFlight = this.#inFlight;
    let sequenceId: number | undefined = 1;
    if (this.#phase === 'recording') this.#recordNotForwarded(fault.code);
    if (this.#phase === 'answering' && inFlight !== undefined) {
      sequenceId = this.#nextAnswerSequenceId(inFlight);
      if (this.#options.recorder.admits) this.#recordResult(inFlight, 'unknown');
    }
    // In the middle of a packet an ERR would be read as its content; then the closed connection has to say it.
    if (sequenceId !== undefined) this.#farewell(this.#ending ?? fault.code, sequenceId - 1, fault.detail);
    else this.#client.destroy();
    this.#close(this.#ending === undefined ? 'target-gone' : 'grant-closed', fault.code, fault.detail);
  }

  #nextAnswerSequenceId(inFlight: InFlight): number | undefined {
    if (this.#capture.bytes === 0) return inFlight.requestSequenceId + 1;
    return this.#tracker.nextSequenceId;
  }

  /** The client broke the protocol: both sides no longer agree on where a command begins. */
  #failClient(error: unknown): void {
    const fault = error instanceof BrokerError ? error : new BrokerError('internal', { cause: error });
    this.#farewell(fault.code, 0, fault.detail);
    this.#close(
      fault.code === 'internal' || fault.code === 'recording_unavailable' ? 'failed' : 'refused',
      fault.code,
      fault.detail,
    );
  }

  /** Sends the last ERR, as the answer to the packet `requestSequenceId`, and half-closes. */
  #farewell(code: ErrorCode, requestSequenceId: number, detail?: string): void {
    if (!this.#clientListens || this.#client.destroyed) return;
    this.#client.end(errPacket(code, requestSequenceId + 1, detail));
    this.#client.resume(); // what it still sends is thrown away, so that it can read what it was told
    const timer = setTimeout(() => this.#client.destroy(), FAREWELL_MS);
    this.#client.once('close', () => clearTimeout(timer));
  }

  #close(reason: SessionClosed['reason'], code?: ErrorCode, detail?: string): void {
    if (this.#phase === 'ended') return;
    this.#phase = 'ended';
    clearTimeout(this.#timer);
    if (this.#options.recorder.admits) {
      this.#options.recorder.append({
        type: 'session.closed',
        session: this.number,
        reason,
        ...(code === undefined ? {} : { code }),
        ...(detail === undefined ? {} : { detail }),
      });
    }
    if (!this.#client.writableEnded) this.#client.end();
    if (reason !== 'grant-closed') this.#client.resume();
    this.#endTarget();
    this.#resolveEnded();
  }

  #endTarget(): void {
    if (this.#tracker.done && !this.#target.destroyed) this.#target.end(encodePackets(0, Buffer.from([COM_QUIT])));
    else this.#target.destroy();
    const timer = setTimeout(() => this.#target.destroy(), FAREWELL_MS);
    timer.unref();
    this.#target.once('close', () => clearTimeout(timer));
    this.#target.resume();
  }
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

const USE_TEXT_BYTES_MAX = 256;
const USE_STATEMENT = /^\s*use\s+(?:`((?:[^`]|``)+)`|([\w$]+))\s*;?\s*$/i;

function errPacket(code: ErrorCode, sequenceId: number, detail?: string): Buffer {
  const { errno, sqlState } = ERROR_TABLE[code];
  return encodePackets(sequenceId & 0xff, encodeErr({ errno, sqlState, message: sentenceOf(code, detail) }));
}
