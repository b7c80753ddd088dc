import type { Socket } from 'node:net';
import { CLOSE_ERROR } from '../domain/grant.js';
import type { SqlDialect } from '../domain/statement.js';
import { assert } from '../kernel/assert.js';
import type { Clock } from '../kernel/clock.js';
import { BrokerError, ERROR_TABLE, sentenceOf, type ErrorCode } from '../kernel/errors.js';
import type { ResultEntry, SessionClosed } from '../recording/entries.js';
import type { ResponseCapture } from '../recording/response-capture.js';
import {
  COM_QUERY,
  COM_RESET_CONNECTION,
  COM_STMT_CLOSE,
  COM_STMT_SEND_LONG_DATA,
  commandName,
} from '../wire/mysql/commands.js';
import { type Frame, FrameDecoder } from '../wire/mysql/frame-decoder.js';
import { ResponseTracker } from '../wire/mysql/response-tracker.js';
import { CommandReader, type ReadCommand, type ReadStatement } from './command-reader.js';
import type { GrantRecorder } from './grant-recorder.js';
import { approvalAskedEntry, approvalDecidedEntry, forwardedEntry } from './held-entries.js';
import { Leg } from './leg.js';
import { OwnExchange } from './own-exchange.js';
import { READ_SESSION_STATE, ownCommand, sessionStateOf, statementTimeLimit } from './own-statements.js';
import type { ApprovalStanding, Judgement, StatementJudge } from './ports.js';
import { resultEntry } from './result-entry.js';
import { RowLimit } from './row-limited-answer.js';
import { SessionContext } from './session-context.js';
import { endClientLeg, endTargetLeg, errPacket } from './session-ends.js';
import type { Admitted, StatementGate, Turned } from './statement-gate.js';

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
  readonly dialect: Omit<SqlDialect, 'sqlMode'>;
  readonly database: string | null;
  readonly deadlineMs: number;
  readonly recorder: GrantRecorder;
  readonly judge: StatementJudge;
  readonly gate: Pick<StatementGate, 'mustWait' | 'admit'>;
  readonly clock: Clock;
  readonly limits: SessionLimits;
  /** Ends the statement that runs at the target now. */
  readonly killRunning: (thread: number) => Promise<void>;
}

/** A command on its way: being judged, held, recorded, or at the target. */
interface InFlight {
  readonly frame: Frame;
  readonly read: ReadStatement | ReadCommand;
  readonly requestSequenceId: number;
  readonly startedUs: number;
  /** Once its entry is appended. */
  statement: number | undefined;
  judgement: Judgement | undefined;
  admitted: Admitted | undefined;
  /** The question it waits for. */
  asked: ApprovalStanding | undefined;
  rowLimit: RowLimit | undefined;
}

/**
 * `idle`: the next command may be read. `judging`: the verdict is not there yet. `held`: it waits for people, privileges
 * or its turn. `recording`: its entry is being written. `answering`: it is at the target. `settling`: it is answered, and
 * what was given for it is taken back. `preparing`: a statement of the gateway's own is at the target. `ended`: nothing
 * is forwarded any more.
 */
type Phase = 'idle' | 'judging' | 'held' | 'recording' | 'answering' | 'settling' | 'preparing' | 'ended';

const KILL_WAIT_MS = 2_000;
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
  readonly #client: Leg;
  readonly #target: Leg;
  readonly #decoder: FrameDecoder;
  readonly #tracker: ResponseTracker;
  readonly #capture: ResponseCapture;
  readonly #context: SessionContext;
  readonly #reader: CommandReader;
  readonly #own = new OwnExchange();
  readonly #resolveEnded: () => void;
  #phase: Phase = 'idle';
  #inFlight: InFlight | undefined;
  /** Aborted when what is judged or held need not be waited for any more. */
  #waiting: AbortController | undefined;
  #ending: ErrorCode | undefined;
  #clientListens = true;
  #clientFinished = false;
  #clientPaused = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.number = options.number;
    this.#client = new Leg(options.client);
    this.#target = new Leg(options.target);
    this.#decoder = new FrameDecoder({ payloadBytesMax: options.limits.commandBytesMax });
    this.#tracker = new ResponseTracker(options.capabilities);
    this.#capture = options.recorder.captureResponse();
    this.#context = new SessionContext(options);
    this.#reader = new CommandReader({
      session: options.number,
      context: this.#context,
      recorder: options.recorder,
      preparedBytesMax: options.limits.commandBytesMax,
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#resolveEnded = resolve;
  }

  /** Starts to read. The caller has sent the client its OK. */
  start(): void {
    this.#client.listen({
      onBytes: (bytes) => this.#onClientData(Buffer.from(bytes)), // a command is kept until it is recorded
      onEnd: () => this.#onClientEnd(),
      onDrain: () => this.#onClientDrain(),
      onClose: () => this.#onClientClose(),
    });
    this.#target.listen({
      onBytes: (bytes) => this.#onTargetData(bytes),
      onDrain: () => this.#resumeClient(),
      onClose: () => this.#onTargetClose(),
    });
    this.#go(() => this.#prologue());
  }

  /**
   * Ends the session because its grant ends. A running statement is killed at the target first; the client is told why
   * by ERR, in answer to that statement or to whatever it sends next.
   */
  end(code: ErrorCode): void {
    if (this.#phase === 'ended' || this.#ending !== undefined) return;
    this.#ending = code;
    const isAtTarget = this.#phase === 'answering';
    // What was answered with a row limit is about to be kept or undone: that is not cut off either.
    if (isAtTarget || this.#inFlight?.rowLimit !== undefined) {
      this.#timer = setTimeout(() => this.#giveUpAnswer(code), KILL_WAIT_MS);
      if (isAtTarget) {
        this.#options.killRunning(this.#options.targetThread).catch(() => this.#giveUpAnswer(code));
      }
      return;
    }
    this.#recordNotRun(code, undefined, 'cancelled');
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
        if (this.#context.isStale) {
          this.#go(() => this.#readState());
          return;
        }
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

  #pauseClient(): void {
    this.#clientPaused = true;
    this.#client.pause();
  }

  #onCommand(frame: Frame): void {
    const code = this.#whyNothingIsForwarded();
    if (code !== undefined) return this.#refuse(frame, code);
    const reading = this.#reader.read(frame.payload);
    switch (reading.kind) {
      case 'statement':
        return this.#judge(this.#take(frame, reading), reading);
      case 'command':
        this.#take(frame, reading);
        return this.#record(reading.entry);
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

  #take(frame: Frame, read: ReadStatement | ReadCommand): InFlight {
    const inFlight = {
      frame,
      read,
      requestSequenceId: frame.lastSequenceId,
      startedUs: this.#options.clock.monotonicUs(),
      statement: undefined,
      judgement: undefined,
      admitted: undefined,
      asked: undefined,
      rowLimit: undefined,
    };
    this.#inFlight = inFlight;
    return inFlight;
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

  // From a statement to the target

  #judge(inFlight: InFlight, read: ReadStatement): void {
    const judging = this.#options.judge.judge(read.judged);
    if (!(judging instanceof Promise)) return this.#judged(inFlight, read, judging);
    this.#phase = 'judging';
    this.#go(async () => {
      const judgement = await judging;
      if (this.#phase !== 'judging') return;
      this.#judged(inFlight, read, judgement);
      this.#pump(); // goes on when it was refused at once
    });
  }

  #judged(inFlight: InFlight, read: ReadStatement, judgement: Judgement): void {
    const { verdict, missing, refusal, why } = judgement;
    inFlight.judgement = judgement;
    let entry;
    try {
      entry = this.#reader.entryOf(read, judgement);
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      this.#inFlight = undefined;
      this.#phase = 'idle';
      return this.#refuse(inFlight.frame, error.code, error.detail);
    }
    inFlight.statement = entry.statement;
    const isStraight = verdict === 'allow' && missing.length === 0 && !this.#options.gate.mustWait(judgement);
    if (isStraight) return this.#record(entry);
    this.#options.recorder.append(entry);
    if (verdict === 'deny') this.#turn(inFlight, { kind: 'refuse', code: refusal, detail: why });
    else this.#hold(inFlight, read, judgement);
  }

  #hold(inFlight: InFlight, read: ReadStatement, judgement: Judgement): void {
    const { statement } = inFlight;
    assert(statement !== undefined, 'a held statement has a number');
    this.#phase = 'held';
    this.#waiting = new AbortController();
    const of = { session: this.number, statement };
    const { recorder, gate, targetThread } = this.#options;
    const admission = gate.admit({
      ...of,
      thread: targetThread,
      judged: read.judged,
      judgement,
      signal: this.#waiting.signal,
      onAsked: (standing, question) => {
        inFlight.asked = standing;
        recorder.append(approvalAskedEntry(of, standing, question));
      },
      onDecided: (standing) => {
        inFlight.asked = undefined;
        const outcome = standing.state === 'pending' ? 'abandoned' : standing.state;
        recorder.append(approvalDecidedEntry(of, standing, outcome));
      },
    });
    this.#go(async () => {
      const answer = await admission.catch(turnedByFault);
      if (this.#phase !== 'held') {
        if (answer.kind === 'forward') await answer.window?.close();
        return;
      }
      if (answer.kind === 'forward') await this.#admitted(inFlight, answer);
      else await this.#turnedAway(inFlight, answer);
    });
  }

  async #admitted(inFlight: InFlight, admitted: Admitted): Promise<void> {
    const { statement } = inFlight;
    assert(statement !== undefined, 'a held statement has a number');
    inFlight.admitted = admitted;
    const code = this.#whyNothingIsForwarded();
    if (code !== undefined) return this.#turnedAway(inFlight, { kind: 'refuse', code });
    if (admitted.rowsMax !== null) {
      const limit = new RowLimit(admitted.rowsMax, this.#context.commitsEachStatement);
      await this.#run(limit.bracket.begin);
      inFlight.rowLimit = limit;
    }
    this.#record(forwardedEntry({ session: this.number, statement }, admitted));
  }

  async #turnedAway(inFlight: InFlight, turned: Turned): Promise<void> {
    if (turned.rollsBack === true) await this.#run('ROLLBACK');
    await inFlight.admitted?.window?.close();
    if (this.#phase === 'ended') return;
    this.#turn(inFlight, turned);
    this.#idle();
  }

  /** The statement does not run: its client is told why, its recording has it, and the session goes on. */
  #turn(inFlight: InFlight, { code, detail }: Turned): void {
    this.#recordNotRun(code, detail, 'cancelled');
    this.#inFlight = undefined;
    this.#phase = 'idle';
    if (this.#clientListens) this.#client.write(errPacket(code, inFlight.requestSequenceId + 1, detail));
  }

  /** Appends an entry; when it is written the command's bytes go to the target as they came. */
  #record(entry: Parameters<GrantRecorder['append']>[0]): void {
    this.#phase = 'recording';
    this.#options.recorder.append(entry, this.#release);
  }

  /** One function for all commands: there is one in flight at a time. */
  readonly #release = (): void => {
    const inFlight = this.#inFlight;
    if (this.#phase !== 'recording' || inFlight === undefined) return; // the session ended while it was being written
    const { frame, read } = inFlight;
    this.#phase = 'answering';
    const isStatement = read.kind === 'statement';
    this.#tracker.begin(
      read.command,
      inFlight.requestSequenceId,
      isStatement && read.executed?.cursorRequested === true,
    );
    if (isStatement) this.#reader.forwarded(read);
    let flows = true;
    for (const bytes of frame.wire) flows = this.#target.write(bytes);
    if (!flows) this.#pauseClient();
    if (this.#tracker.done) this.#idle();
  };

  // The target leg

  #onTargetData(chunk: Buffer): void {
    if (this.#phase !== 'answering' && this.#phase !== 'preparing') {
      // A server says why it gives an idle session up, then closes it; the close is what counts.
      if (this.#phase !== 'ended') this.#failTarget(new BrokerError('target_leg_lost'));
      return;
    }
    try {
      const end = this.#tracker.push(chunk);
      const part = end === chunk.length ? chunk : chunk.subarray(0, end);
      if (this.#phase === 'preparing') this.#own.take(part);
      else this.#deliver(part);
      if (end < chunk.length)
        throw new BrokerError('target_protocol_violation', { detail: 'Bytes came behind the answer.' });
      if (this.#tracker.done) this.#onAnswered();
    } catch (error) {
      this.#failTarget(error);
    }
  }

  #deliver(part: Buffer): void {
    const limit = this.#inFlight?.rowLimit;
    if (limit !== undefined) return limit.withhold(part);
    const ending = this.#ending;
    const bytes = ending !== undefined && this.#isKilledAnswer() ? this.#killedAnswer(ending) : part;
    this.#send(bytes);
  }

  #send(bytes: Buffer): void {
    this.#capture.take(bytes, this.#tracker.done);
    if (this.#clientListens && !this.#client.pass(bytes)) this.#target.pause();
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
    const { error } = this.#tracker;
    if (this.#phase === 'preparing' || inFlight === undefined) {
      this.#context.answered(this.#tracker, undefined);
      return this.#own.end(error);
    }
    const { read } = inFlight;
    const effect = read.kind === 'statement' ? inFlight.judgement?.effect : read.effect;
    this.#context.answered(this.#tracker, effect);
    if (error === undefined) this.#reader.answered(read, inFlight.statement, this.#tracker);
    if (inFlight.rowLimit !== undefined) return this.#go(() => this.#settleLimited(inFlight));
    this.#recordResult(inFlight, error === undefined ? 'ok' : 'error');
    this.#settle(inFlight);
  }

  /** The statement is answered: what was given for it is taken back before anything else runs. */
  #settle(inFlight: InFlight): void {
    const window = inFlight.admitted?.window;
    const isReset = inFlight.read.command === COM_RESET_CONNECTION && this.#ending === undefined;
    if (window === undefined && !isReset) return this.#idle();
    this.#phase = 'settling';
    this.#go(async () => {
      await window?.close();
      if (this.#phase === 'ended') return;
      if (isReset) await this.#prologue();
      else this.#idle();
    });
  }

  /** Keeps what a statement with a row limit has changed, or undoes it; only then the client is answered. */
  async #settleLimited(inFlight: InFlight): Promise<void> {
    const { rowLimit: limit, requestSequenceId } = inFlight;
    assert(limit !== undefined, 'there is a row limit');
    const { results, error } = this.#tracker;
    const outcome = await limit.settle({ results, error }, (statement) => this.#run(statement));
    if (this.#isOver) return;
    inFlight.rowLimit = undefined;
    this.#phase = 'answering';
    if (outcome.kind === 'answer') this.#send(outcome.bytes);
    else this.#send(errPacket(outcome.code, requestSequenceId + 1, outcome.detail));
    if (outcome.kind === 'answer')
      this.#recordResult(inFlight, error === undefined ? 'ok' : 'error', { results, error });
    else this.#recordResult(inFlight, 'error', { results: [], error: errorOf(outcome.code, outcome.detail) });
    this.#settle(inFlight);
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

  // Statements of the gateway's own

  /** What the gateway sets and asks in a session that is new, or as good as new. */
  async #prologue(): Promise<void> {
    const { dialect, deadlineMs, clock } = this.#options;
    await this.#run(statementTimeLimit(dialect.flavour, deadlineMs - clock.nowMs()));
    this.#context.reset();
    await this.#readState();
  }

  async #readState(): Promise<void> {
    const response = await this.#run(READ_SESSION_STATE);
    this.#context.told(sessionStateOf(response, this.#options.capabilities));
    this.#idle();
  }

  /** @throws OwnStatementRefused; SESSION_OVER */
  #run(statement: string): Promise<Buffer> {
    if (this.#isOver) throw SESSION_OVER;
    this.#phase = 'preparing';
    this.#tracker.begin(COM_QUERY);
    this.#target.write(ownCommand(statement));
    return this.#own.begin();
  }

  get #isOver(): boolean {
    return this.#phase === 'ended';
  }

  /** Starts what takes several turns; whatever it throws ends the session. */
  #go(work: () => Promise<void>): void {
    work().catch((error: unknown) => {
      if (!this.#isOver) this.#failTarget(error);
    });
  }

  // The recording

  #recordResult(
    inFlight: InFlight,
    outcome: ResultEntry['outcome'],
    tracker: Pick<ResponseTracker, 'results' | 'error'> = this.#tracker,
  ): void {
    const response = this.#capture.bytes > 0 ? this.#capture.finish() : undefined;
    this.#options.recorder.append(
      resultEntry({
        session: this.number,
        statement: inFlight.statement,
        command: commandName(inFlight.read.command),
        outcome,
        tracker,
        durationUs: this.#options.clock.monotonicUs() - inFlight.startedUs,
        response,
      }),
    );
  }

  /** The statement's entry is there, but its bytes will not leave: say so, or it would look like an unknown outcome. */
  #recordNotRun(code: ErrorCode, detail: string | undefined, left: 'cancelled' | 'abandoned'): void {
    const inFlight = this.#inFlight;
    if (inFlight?.statement === undefined || !this.#options.recorder.admits) return;
    const { statement, asked } = inFlight;
    const of = { session: this.number, statement };
    if (asked !== undefined) this.#options.recorder.append(approvalDecidedEntry(of, asked, left));
    inFlight.asked = undefined;
    this.#options.recorder.append({
      type: 'result',
      ...of,
      command: commandName(inFlight.read.command),
      outcome: 'error',
      results: [],
      error: errorOf(code, detail),
      durationUs: this.#options.clock.monotonicUs() - inFlight.startedUs,
    });
  }

  // Ends

  #onClientEnd(): void {
    this.#clientFinished = true;
    if (this.#phase === 'idle') this.#pump();
  }

  /** The answer to what the client has sent is still read to its end and recorded; what waits is not waited for. */
  #onClientClose(): void {
    this.#clientListens = false;
    this.#target.resume();
    if (this.#phase === 'held' || this.#phase === 'judging') this.#recordNotRun('client_gone', undefined, 'abandoned');
    if (this.#phase === 'idle' || this.#phase === 'held' || this.#phase === 'judging') this.#close('client-gone');
  }

  #onTargetClose(): void {
    if (this.#phase !== 'ended') this.#failTarget(new BrokerError('target_leg_lost'));
  }

  #giveUpAnswer(code: ErrorCode): void {
    if (this.#phase === 'answering' || this.#inFlight?.rowLimit !== undefined) this.#failTarget(new BrokerError(code));
  }

  /** The target leg is of no more use: it is gone, or it broke the protocol. */
  #failTarget(error: unknown): void {
    if (this.#phase === 'ended') return;
    const fault = error instanceof BrokerError ? error : new BrokerError('internal', { cause: error });
    const inFlight = this.#inFlight;
    let sequenceId: number | undefined = inFlight === undefined ? 1 : inFlight.requestSequenceId + 1;
    const wasForwarded = this.#phase === 'answering' || inFlight?.rowLimit !== undefined;
    if (!wasForwarded && this.#phase !== 'settling') this.#recordNotRun(fault.code, fault.detail, 'cancelled');
    if (wasForwarded && inFlight !== undefined) {
      sequenceId = this.#nextAnswerSequenceId(inFlight);
      if (this.#options.recorder.admits) this.#recordResult(inFlight, 'unknown');
    }
    if (this.#phase === 'settling') sequenceId = 1;
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
    const isBetweenCommands = this.#tracker.done && this.#inFlight?.rowLimit === undefined;
    this.#phase = 'ended';
    clearTimeout(this.#timer);
    this.#waiting?.abort(SESSION_OVER);
    this.#own.abandon(SESSION_OVER);
    if (this.#options.recorder.admits) {
      this.#options.recorder.append({
        type: 'session.closed',
        session: this.number,
        reason,
        ...(code === undefined ? {} : { code }),
        ...(detail === undefined ? {} : { detail }),
      });
    }
    endClientLeg(this.#client);
    endTargetLeg(this.#target, isBetweenCommands);
    void this.#inFlight?.admitted?.window?.close(); // never rejects: who gave it sees to it that it is taken back
    this.#resolveEnded();
  }
}

const SESSION_OVER = new Error('The session is over.');

function turnedByFault(error: unknown): Turned {
  const fault = error instanceof BrokerError ? error : new BrokerError('internal', { cause: error });
  return { kind: 'refuse', code: fault.code, detail: fault.detail };
}

function errorOf(code: ErrorCode, detail: string | undefined): NonNullable<ResultEntry['error']> {
  const { errno, sqlState } = ERROR_TABLE[code];
  return { errno, sqlState, message: sentenceOf(code, detail) };
}
