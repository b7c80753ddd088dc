import type { Socket } from 'node:net';
import { CLOSE_ERROR } from '../domain/grant.js';
import type { Flavour } from '../domain/target.js';
import type { Clock } from '../kernel/clock.js';
import { BrokerError, ERROR_TABLE, sentenceOf, type ErrorCode } from '../kernel/errors.js';
import type { ResultEntry, SessionClosed } from '../recording/entries.js';
import type { ResponseCapture } from '../recording/response-capture.js';
import {
  COM_QUERY,
  COM_QUIT,
  COM_RESET_CONNECTION,
  COM_STMT_CLOSE,
  COM_STMT_SEND_LONG_DATA,
  commandName,
} from '../wire/mysql/commands.js';
import { type Frame, FrameDecoder } from '../wire/mysql/frame-decoder.js';
import { encodePackets } from '../wire/mysql/packet.js';
import { encodeErr } from '../wire/mysql/packets.js';
import { ResponseTracker } from '../wire/mysql/response-tracker.js';
import { CommandReader, type ReadCommand } from './command-reader.js';
import type { GrantRecorder } from './grant-recorder.js';
import type { Policy } from './ports.js';
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

/** A command on its way: being recorded, or at the target. */
interface InFlight {
  readonly frame: Frame;
  readonly read: ReadCommand;
  readonly requestSequenceId: number;
  readonly startedUs: number;
}

/**
 * `idle`: the next command may be read. `recording`: a command's entry is being written. `answering`: the command is at
 * the target. `preparing`: the gateway's own statement is at the target. `ended`: nothing is forwarded any more.
 */
type Phase = 'idle' | 'recording' | 'answering' | 'preparing' | 'ended';

const KILL_WAIT_MS = 2_000;
/** The target's own limit comes after the deadline: until then the gateway ends the statement, and says why. */
const STATEMENT_GRACE_MS = 1_000;
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
  readonly #reader: CommandReader;
  readonly #resolveEnded: () => void;
  #phase: Phase = 'idle';
  #inFlight: InFlight | undefined;
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
    this.#decoder = new FrameDecoder({ payloadBytesMax: options.limits.commandBytesMax });
    this.#tracker = new ResponseTracker(options.capabilities);
    this.#capture = options.recorder.captureResponse();
    this.#reader = new CommandReader({
      session: options.number,
      flavour: options.flavour,
      database: options.database,
      recorder: options.recorder,
      policy: options.policy,
      preparedBytesMax: options.limits.commandBytesMax,
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#resolveEnded = resolve;
  }

  /** Starts to read. The caller has sent the client its OK. */
  start(): void {
    this.#client.on('data', (chunk: Buffer) => this.#onClientData(chunk));
    this.#client.on('end', () => this.#onClientEnd());
    this.#client.on('drain', () => this.#onClientDrain());
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
    if (this.#hasPipelinedTooMuch) this.#pauseClient();
  }

  #onClientDrain(): void {
    this.#target.resume();
    if (this.#phase === 'idle') this.#pump();
  }

  /** Commands wait, for an answer or for the client to read what it was told, and more than may wait have come. */
  get #hasPipelinedTooMuch(): boolean {
    const waits = this.#phase !== 'idle' || this.#client.writableNeedDrain;
    return waits && this.#decoder.bufferedBytes > this.#options.limits.pipelinedBytesMax;
  }

  #pump(): void {
    try {
      // A client that reads no refusals gets no further ones: they would be heaped up here.
      while (this.#phase === 'idle' && this.#ending === undefined && !this.#client.writableNeedDrain) {
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
    if (this.#clientFinished && !this.#client.writableNeedDrain) this.#close('client-gone');
  }

  #resumeClient(): void {
    if (this.#target.writableNeedDrain) return;
    if (this.#hasPipelinedTooMuch) return;
    this.#clientPaused = false;
    this.#client.resume();
  }

  #onCommand(frame: Frame): void {
    const code = this.#whyNothingIsForwarded();
    if (code !== undefined) return this.#refuse(frame, code);
    const reading = this.#reader.read(frame.payload);
    switch (reading.kind) {
      case 'forward':
        return this.#forward(frame, reading);
      case 'refuse':
        return this.#refuse(frame, reading.code, reading.detail);
      case 'quit':
        return this.#close('client-quit');
    }
  }

  #whyNothingIsForwarded(): ErrorCode | undefined {
    if (this.#options.clock.nowMs() >= this.#options.deadlineMs) return CLOSE_ERROR.expired;
    if (!this.#options.recorder.admits) return 'recording_unavailable';
    return undefined;
  }

  /** Appends the entry, and when it is written sends the command's bytes to the target as they came. */
  #forward(frame: Frame, read: ReadCommand): void {
    this.#phase = 'recording';
    this.#inFlight = {
      frame,
      read,
      requestSequenceId: frame.lastSequenceId,
      startedUs: this.#options.clock.monotonicUs(),
    };
    this.#options.recorder.append(read.entry, this.#release);
  }

  /** One function for all commands: there is one in flight at a time. */
  readonly #release = (): void => {
    const inFlight = this.#inFlight;
    if (this.#phase !== 'recording' || inFlight === undefined) return; // the session ended while it was being written
    const { frame, read } = inFlight;
    this.#phase = 'answering';
    this.#tracker.begin(read.command, inFlight.requestSequenceId, read.cursorRequested);
    let flows = true;
    for (const bytes of frame.wire) flows = this.#target.write(bytes);
    if (!flows) this.#pauseClient();
    if (this.#tracker.done) this.#idle();
  };

  #pauseClient(): void {
    this.#clientPaused = true;
    this.#client.pause();
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
      if (this.#tracker.done) this.#onAnswered();
    } catch (error) {
      this.#failTarget(error);
    }
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
    if (this.#tracker.error === undefined) this.#reader.answered(inFlight.read, this.#tracker);
    this.#recordResult(inFlight, this.#tracker.error === undefined ? 'ok' : 'error');
    const isReset = inFlight.read.command === COM_RESET_CONNECTION;
    if (isReset && this.#ending === undefined) this.#limitStatementTime();
    else this.#idle();
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
    const leftMs = Math.max(0, Math.ceil(this.#options.deadlineMs - this.#options.clock.nowMs())) + STATEMENT_GRACE_MS;
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
        statement: inFlight.read.statement,
        command: commandName(inFlight.read.command),
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
    if (inFlight?.read.statement === undefined || !this.#options.recorder.admits) return;
    const { errno, sqlState } = ERROR_TABLE[code];
    this.#options.recorder.append({
      type: 'result',
      session: this.number,
      statement: inFlight.read.statement,
      command: commandName(inFlight.read.command),
      outcome: 'error',
      results: [],
      error: { errno, sqlState, message: sentenceOf(code) },
      durationUs: this.#options.clock.monotonicUs() - inFlight.startedUs,
    });
  }

  // Ends

  #onClientEnd(): void {
    this.#clientFinished = true;
    if (this.#phase === 'idle') this.#pump();
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
    this.#endClient();
    this.#endTarget();
    this.#resolveEnded();
  }

  /** What the client still sends is thrown away, so that it can read what it was told. */
  #endClient(): void {
    if (!this.#client.writableEnded) this.#client.end();
    this.#client.resume();
    destroyLater(this.#client);
  }

  #endTarget(): void {
    if (this.#tracker.done && !this.#target.destroyed) this.#target.end(encodePackets(0, Buffer.from([COM_QUIT])));
    else this.#target.destroy();
    this.#target.resume();
    destroyLater(this.#target);
  }
}

/** A peer that does not close its side in time is not waited for. */
function destroyLater(socket: Socket): void {
  const timer = setTimeout(() => socket.destroy(), FAREWELL_MS);
  socket.once('close', () => clearTimeout(timer));
}

function errPacket(code: ErrorCode, sequenceId: number, detail?: string): Buffer {
  const { errno, sqlState } = ERROR_TABLE[code];
  return encodePackets(sequenceId & 0xff, encodeErr({ errno, sqlState, message: sentenceOf(code, detail) }));
}
