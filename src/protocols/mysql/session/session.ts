/* oxlint-disable max-lines -- one session is one state machine; the parts that give way to others wait for a file of their own */
import { CLOSE_ERROR } from '../../../domain/grant.js';
import { assert } from '../../../kernel/assert.js';
import { BrokerError, type ErrorCode } from '../../../kernel/errors.js';
import type { EntryBody, SessionClosed } from '../../../recording/entries/entries.js';
import type { ResponseCapture } from '../../../recording/write/response-capture.js';
import type { Kill } from '../sql/session/kill.js';
import { COM_QUERY, COM_RESET_CONNECTION, COM_STMT_PREPARE, responseOf } from '../wire/commands.js';
import { type Frame, FrameDecoder } from '../wire/frame-decoder.js';
import { ResponseTracker } from '../wire/response/response-tracker.js';
import { ClientFlow } from './client-flow.js';
import { CommandReader, type ReadCommand, type ReadStatement } from './command-reader.js';
import { answerAs, answerInPlace, wireFor } from './deferred-statements.js';
import { effectOf, type InFlight, inFlightOf, type Phase, ranBy } from './in-flight.js';
import { Leg } from '../../../gateway/leg.js';
import { TransactionPatience, type TransactionPatienceOptions } from '../locks/transaction-patience.js';
import { OwnExchange } from './own-exchange.js';
import { answerInPlaceOf } from './own-answers.js';
import { lastSequenceIdOf, ownCommand, ownPrepare } from './own-statements.js';
import { SessionContext } from './session-context.js';
import { errorOf, errPacket, packetOf } from './error-packets.js';
import {
  endClientLeg,
  endTargetLeg,
  errorOfTurned,
  errSequenceId,
  isKillsError,
  wasForwarded,
} from './session-ends.js';
import type { SessionEffect } from '../judge/judgement.js';
import { endStatement, ownAnswer } from './session-kill.js';
import type { SessionOptions } from './session-options.js';
import { SessionRecord } from './session-record.js';
import { SessionUpkeep } from './session-upkeep.js';
import type { Turned } from './turned.js';
import { StatementPath } from './statement-path.js';
import type { PreparedAnswer } from './statement-rehearsal.js';

const KILL_WAIT_MS = 2_000;

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
  readonly #flow: ClientFlow;
  readonly #tracker: ResponseTracker;
  readonly #capture: ResponseCapture;
  readonly #context: SessionContext;
  readonly #reader: CommandReader;
  readonly #own = new OwnExchange();
  readonly #path: StatementPath;
  readonly #upkeep: SessionUpkeep;
  readonly #record: SessionRecord;
  readonly #patience: TransactionPatience;
  readonly #resolveEnded: () => void;
  #phase: Phase = 'idle';
  #inFlight: InFlight | undefined;
  #ending: ErrorCode | undefined;
  #endReason: SessionClosed['reason'] = 'grant-closed';
  #clientListens = true;
  #clientFinished = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.number = options.number;
    this.#client = new Leg(options.client, options.sockets, () => options.poll.arrived('client'));
    this.#target = new Leg(options.target, options.sockets, () => options.poll.arrived('target'));
    this.#decoder = new FrameDecoder({ payloadBytesMax: options.limits.commandBytesMax });
    this.#flow = new ClientFlow(this.#client, this.#target, this.#decoder, options.limits.pipelinedBytesMax);
    this.#tracker = new ResponseTracker(options.capabilities);
    this.#capture = options.recorder.captureResponse();
    this.#record = new SessionRecord(options, this.#capture);
    this.#context = new SessionContext(options);
    this.#reader = new CommandReader({
      session: options.number,
      context: this.#context,
      capabilities: options.capabilities,
      recorder: options.recorder,
      xa: options.xa,
      preparedBytesMax: options.limits.commandBytesMax,
    });
    this.#upkeep = new SessionUpkeep(options, this.#context, (statement) => this.#run(statement));
    this.#path = new StatementPath(options, this.#reader, {
      phase: () => this.#phase,
      enter: (phase) => (this.#phase = phase),
      hold: () => this.#hold(),
      go: (work) => this.#go(work),
      forward: (entry) => this.#forward(entry),
      refuse: ({ frame }, code, detail) => this.#refuse(frame, code, detail),
      turn: (inFlight, turned) => this.#turn(inFlight, turned),
      answerDeferred: (inFlight, answer) => this.#answerDeferred(inFlight, answer),
      whyNot: () => this.#whyNothingIsForwarded(),
      run: (statement) => this.#run(statement),
      answer: (inFlight, code) => this.#answer(inFlight, code),
      prepare: (text) => this.#prepare(text),
      tell: (wire) => this.#target.write(wire),
      upkeep: this.#upkeep,
      context: this.#context,
      idle: () => this.#idle(),
      pump: () => this.#pump(),
      mustEnterAnew: () => this.#upkeep.mustEnterAnew,
      enterAnew: () => this.#upkeep.enterAnew(),
      rolledBack: () => this.#patience.told(),
    });
    this.#patience = new TransactionPatience({
      clock: options.clock,
      locks: options.locks,
      thread: options.targetThread,
      keptFor: () => this.#locksAreKeptFor(),
      onExhausted: (why) => this.#giveWay(why),
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
      onDrain: () => this.#flow.resumeUnlessFull(this.#phase !== 'idle'),
      onClose: () => this.#failTarget(new BrokerError('target_leg_lost')),
    });
    this.#keepUp(() => this.#upkeep.begin());
  }

  /**
   * Ends the session because its grant ends. A running statement is killed at the target first; the client is told why
   * by ERR, in answer to that statement or to whatever it sends next.
   */
  end(code: ErrorCode, reason: SessionClosed['reason'] = 'grant-closed'): void {
    if (this.#phase === 'ended' || this.#ending !== undefined) return;
    this.#ending = code;
    this.#endReason = reason;
    const isAtTarget = this.#phase === 'answering';
    // What was answered with a row limit is about to be kept or undone: that is not cut off either.
    if (isAtTarget || this.#inFlight?.rowLimit !== undefined) {
      this.#timer = setTimeout(() => this.#giveUpAnswer(code), KILL_WAIT_MS);
      if (isAtTarget) {
        this.#options.killRunning(this.#options.targetThread).catch(() => this.#giveUpAnswer(code));
      }
      return;
    }
    this.#notRun(code, undefined, 'cancelled');
    this.#farewell(code, this.#inFlight === undefined ? 0 : this.#inFlight.requestSequenceId);
    this.#close(reason, code);
  }

  /**
   * Another session of the grant asks for it: ends the statement that runs or waits, and the session goes on; or the
   * whole session.
   */
  async kill(what: Kill['what']): Promise<void> {
    if (what === 'connection') return this.end('session_killed', 'killed');
    await endStatement({
      inFlight: () => this.#inFlight,
      phase: () => this.#phase,
      atTarget: () => this.#options.killRunning(this.#options.targetThread),
      waiting: () => this.#path.abandon(new BrokerError('statement_killed')),
    });
  }

  // The client leg

  #onClientData(chunk: Buffer): void {
    if (this.#phase === 'ended') return;
    this.#decoder.push(chunk);
    if (this.#phase === 'idle') this.#pump();
    this.#flow.pauseWhenFull(this.#phase !== 'idle');
  }

  #onClientDrain(): void {
    this.#target.resume();
    if (this.#phase === 'idle') this.#pump();
  }

  #pump(): void {
    try {
      // A client that reads no refusals gets no further ones: they would be heaped up here.
      while (this.#phase === 'idle' && this.#ending === undefined && !this.#client.writableNeedDrain) {
        if (this.#patience.exhausted !== undefined) return this.#keepUp(() => this.#rollBack());
        if (this.#upkeep.isDue) return this.#keepUp(() => this.#upkeep.catchUp());
        const frame = this.#decoder.next();
        if (frame === undefined) break;
        this.#onCommand(frame);
      }
    } catch (error) {
      return this.#failClient(error);
    }
    if (this.#phase !== 'idle') return;
    if (this.#flow.isPaused) this.#flow.resumeUnlessFull(false);
    if (this.#clientFinished && !this.#client.writableNeedDrain) this.#close('client-gone');
  }

  #onCommand(frame: Frame): void {
    const code = this.#whyNothingIsForwarded();
    if (code !== undefined) return this.#refuse(frame, code);
    const reading = this.#reader.read(frame);
    switch (reading.kind) {
      case 'statement': {
        const lost = this.#patience.lostBefore(reading);
        if (lost !== undefined) return this.#refuse(frame, lost.code, lost.detail);
        return this.#path.start(this.#take(frame, reading), reading);
      }
      case 'command': {
        const inFlight = this.#take(frame, reading);
        if (reading.kill !== undefined) return this.#path.carryOut(inFlight, reading.entry, reading.kill);
        const database = reading.effect?.database;
        if (database !== undefined) return this.#path.enter(inFlight, reading.entry, database);
        return this.#forward(reading.entry);
      }
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
    const inFlight = inFlightOf(frame, read, this.#options.clock.monotonicUs());
    this.#inFlight = inFlight;
    return inFlight;
  }

  /** Tells the client no, and records it. A command that has no answer gets none. */
  #refuse(frame: Frame, code: ErrorCode, detail?: string): void {
    const command = frame.commandByte ?? -1;
    this.#record.refused(frame, code);
    if (responseOf(command) === 'none') return;
    this.#client.write(errPacket(code, frame.lastSequenceId + 1, detail));
  }

  // From a statement to the target

  /** The statement does not run: its client is told why, its recording has it, and the session goes on. */
  #turn(inFlight: InFlight, turned: Turned): void {
    const error = errorOfTurned(turned);
    const isKilled = 'code' in turned && turned.code === 'statement_killed';
    this.#record.notRun(inFlight, { error, left: isKilled ? 'abandoned' : 'cancelled' });
    this.#inFlight = undefined;
    this.#phase = 'idle';
    if (!this.#clientListens) return;
    this.#client.write(packetOf(error, inFlight.requestSequenceId + 1));
  }

  /** A statement is prepared at the target once it is executed; until then its client has what a rehearsal said. */
  #answerDeferred(inFlight: InFlight, answer: Buffer): void {
    inFlight.isDeferred = true;
    this.#phase = 'answering';
    const { statusFlags } = this.#tracker;
    this.#tracker.begin(COM_STMT_PREPARE, inFlight.requestSequenceId);
    this.#onTargetData(answerAs(answer, { statementId: this.#reader.nextDeferredId(), statusFlags }));
  }

  /** Appends an entry; when it is written the command's bytes go to the target as they came. */
  #forward(entry: EntryBody): void {
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
    const own = answerInPlace(inFlight, this.#tracker.statusFlags, this.#options.capabilities);
    if (own !== undefined) return this.#onTargetData(own);
    const wire = wireFor(frame, read);
    const flows = wire === undefined || this.#target.write(wire);
    if (!flows) this.#flow.pause();
    if (isStatement) this.#record.forwarded(inFlight);
    if (this.#tracker.done) this.#idle();
  };

  // The target leg

  #onTargetData(chunk: Buffer): void {
    if (this.#phase !== 'answering' && this.#phase !== 'preparing') {
      // A server says why it gives an idle session up, then closes it; the close is what counts.
      this.#failTarget(new BrokerError('target_leg_lost'));
      return;
    }
    try {
      const end = this.#tracker.push(chunk);
      const part = end === chunk.length ? chunk : chunk.subarray(0, end);
      if (this.#phase === 'preparing') this.#own.take(part);
      else this.#deliver(part);
      if (end < chunk.length)
        throw new BrokerError('target_protocol_violation', { detail: 'The target sent bytes after its answer.' });
      if (this.#tracker.done) this.#onAnswered();
    } catch (error) {
      this.#failTarget(error);
    }
  }

  #deliver(part: Buffer): void {
    const limit = this.#inFlight?.rowLimit;
    if (limit !== undefined) return limit.withhold(part);
    const why = this.#ending === undefined ? this.#patience.exhausted : new BrokerError(this.#ending);
    const error = this.#capture.bytes === 0 ? this.#tracker.error : undefined;
    if (why?.code === 'transaction_rolled_back' && isKillsError(error)) this.#patience.willBeTold();
    this.#send(answerInPlaceOf(error, this.#inFlight, why) ?? part);
  }

  #send(bytes: Buffer): void {
    this.#capture.take(bytes, this.#tracker.done);
    if (this.#clientListens && !this.#client.pass(bytes)) this.#target.pause();
  }

  #onAnswered(): void {
    const inFlight = this.#inFlight;
    const { error } = this.#tracker;
    if (this.#phase === 'preparing' || inFlight === undefined) {
      this.#context.answered(this.#tracker, undefined);
      this.#patience.answered(this.#context.scene.inTransaction, undefined);
      return this.#own.end(error);
    }
    const { read } = inFlight;
    const effect = effectOf(inFlight);
    this.#context.answered(this.#tracker, effect, ranBy(inFlight));
    if (read.command === COM_RESET_CONNECTION && error === undefined) this.#context.forgetTemporaryTables();
    this.#patience.answered(this.#context.scene.inTransaction, inFlight.judgement);
    if (effect?.changesCatalog === true) this.#options.judge.catalogMayHaveChanged();
    if (error === undefined) this.#reader.answered(read, inFlight, this.#tracker);
    if (inFlight.rowLimit !== undefined) return this.#go(() => this.#settleLimited(inFlight));
    this.#record.result(inFlight, error === undefined ? 'ok' : 'error', this.#tracker);
    this.#settle(inFlight, effect);
  }

  /** The statement is answered: what was given for it is taken back before anything else runs. */
  #settle(inFlight: InFlight, effect: SessionEffect | undefined): void {
    const window = inFlight.admitted?.window;
    const upkeep = this.#upkeep.behind(inFlight.read.command, effect);
    if (window === undefined && upkeep === undefined) return this.#idle();
    this.#keepUp(async () => {
      if (window !== undefined) await this.#upkeep.leave(window);
      if (!this.#isOver && this.#ending === undefined) await upkeep?.();
    });
  }

  /** Keeps what a statement with a row limit has changed, or undoes it; only then the client is answered. */
  async #settleLimited(inFlight: InFlight): Promise<void> {
    const { rowLimit: limit } = inFlight;
    assert(limit !== undefined, 'there is a row limit');
    const { results, error } = this.#tracker;
    const { bytes, ...told } = await limit.settle({ results, error }, (statement) => this.#run(statement));
    if (this.#isOver) return;
    inFlight.rowLimit = undefined;
    this.#phase = 'answering';
    this.#send(bytes);
    this.#record.result(inFlight, told.error === undefined ? 'ok' : 'error', told);
    this.#settle(inFlight, effectOf(inFlight));
  }

  /** The gateway has carried out what was asked, and tells the client what came of it. */
  #answer(inFlight: InFlight, code: ErrorCode | undefined): void {
    if (this.#isOver) return;
    const { capabilities } = this.#options;
    const { statusFlags } = this.#context;
    const { requestSequenceId, read } = inFlight;
    const { command } = read;
    const { bytes, tracker } = ownAnswer({ command, requestSequenceId }, { code, capabilities, statusFlags });
    this.#send(bytes);
    this.#record.result(inFlight, code === undefined ? 'ok' : 'error', tracker);
    this.#idle();
  }

  #notRun(code: ErrorCode, detail: string | undefined, left: 'cancelled' | 'abandoned'): void {
    if (this.#inFlight !== undefined) this.#record.notRun(this.#inFlight, { error: errorOf(code, detail), left });
  }

  #idle(): void {
    this.#inFlight = undefined;
    this.#phase = 'idle';
    const ending = this.#ending;
    if (ending !== undefined) {
      // An answered statement was told why already when it was killed; anything else reads it next.
      this.#farewell(ending, 0);
      this.#close(this.#endReason, ending);
    } else if (!this.#clientListens) {
      this.#close('client-gone');
    } else {
      this.#pump();
    }
  }

  // Others who wait for what its transaction has locked

  #locksAreKeptFor(): ReturnType<TransactionPatienceOptions['keptFor']> {
    const { judgement, admitted } = this.#inFlight ?? {};
    if (this.#phase === 'idle') return 'its client';
    if (this.#phase === 'held') return judgement;
    const isPlainRead = judgement?.facts.action === 'read' && admitted?.approval === undefined;
    return this.#phase === 'answering' && isPlainRead ? 'a plain read' : undefined;
  }

  #giveWay(why: BrokerError): void {
    if (this.#phase === 'idle') this.#pump();
    else if (this.#phase === 'held') this.#path.giveWay(why);
    else this.#options.killRunning(this.#options.targetThread).catch(() => {}); // then it is rolled back when it ends
  }

  async #rollBack(): Promise<void> {
    await this.#run('ROLLBACK');
    this.#patience.rolledBack();
  }

  // Statements of the gateway's own

  /** Does what must be done before the next command is read. */
  #keepUp(work: () => Promise<void>): void {
    this.#phase = 'settling';
    this.#go(async () => {
      await work();
      if (!this.#isOver) this.#idle();
    });
  }

  /** @throws OwnStatementRefused; SESSION_OVER */
  #run(statement: string): Promise<Buffer> {
    return this.#ask(COM_QUERY, ownCommand(statement, this.#context.scene.characterSet));
  }

  /** @throws as #run */
  async #prepare(text: Buffer): Promise<PreparedAnswer> {
    const answer = await this.#ask(COM_STMT_PREPARE, ownPrepare(text));
    return { head: this.#tracker.prepared, answer };
  }

  /** @throws as #run */
  #ask(command: number, wire: Buffer): Promise<Buffer> {
    if (this.#isOver) throw SESSION_OVER;
    this.#phase = 'preparing';
    this.#tracker.begin(command, lastSequenceIdOf(wire));
    this.#target.write(wire);
    return this.#own.begin();
  }

  /** Whether a client means this session by the id: by its greeting, or by what the target itself says. */
  isCalled(id: number): boolean {
    return id === this.#options.connectionId || id === this.#options.targetThread;
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

  /** What is in flight waits from here on, unless its client went meanwhile. */
  #hold(): void {
    this.#phase = 'held';
    if (!this.#clientListens || this.#clientFinished) this.#onClientClose();
  }

  // Ends

  #onClientEnd(): void {
    this.#clientFinished = true;
    if (this.#phase === 'idle') this.#pump();
    // All that is heard of a client that closed its connection: nothing is written to it that would fail meanwhile.
    if (this.#phase === 'held') this.#onClientClose();
  }

  /** The answer to what the client has sent is still read to its end and recorded; what waits is not waited for. */
  #onClientClose(): void {
    this.#clientListens = false;
    this.#target.resume();
    if (this.#phase === 'held' || this.#phase === 'judging') this.#notRun('client_gone', undefined, 'abandoned');
    if (this.#phase === 'idle' || this.#phase === 'held' || this.#phase === 'judging') this.#close('client-gone');
  }

  #giveUpAnswer(code: ErrorCode): void {
    if (this.#phase === 'answering' || this.#inFlight?.rowLimit !== undefined) this.#failTarget(new BrokerError(code));
  }

  /** The target leg is of no more use: it is gone, or it broke the protocol. */
  #failTarget(error: unknown): void {
    if (this.#phase === 'ended') return;
    const fault = error instanceof BrokerError ? error : new BrokerError('internal', { cause: error });
    const inFlight = this.#inFlight;
    const phase = this.#phase;
    const sequenceId = errSequenceId({ phase, inFlight, capture: this.#capture, tracker: this.#tracker });
    const isForwarded = wasForwarded(phase, inFlight);
    if (!isForwarded && phase !== 'settling') this.#notRun(fault.code, fault.detail, 'cancelled');
    if (isForwarded && inFlight !== undefined && this.#options.recorder.admits) {
      this.#record.result(inFlight, 'unknown', this.#tracker);
    }
    // In the middle of a packet an ERR would be read as its content; then the closed connection has to say it. So it
    // does where nothing is asked: that is what drivers take for a connection that went while it was idle.
    const isIdle = phase === 'idle' && this.#ending === undefined;
    if (isIdle) this.#client.end();
    else if (sequenceId !== undefined) this.#farewell(this.#ending ?? fault.code, sequenceId - 1, fault.detail);
    else this.#client.destroy();
    this.#close(this.#ending === undefined ? 'target-gone' : this.#endReason, fault.code, fault.detail);
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
    this.#patience.close();
    this.#path.abandon(SESSION_OVER);
    this.#own.abandon(SESSION_OVER);
    this.#record.closed(reason, code, detail);
    endClientLeg(this.#client);
    endTargetLeg(this.#target, isBetweenCommands);
    void this.#inFlight?.admitted?.window.close(); // never rejects: who gave it sees to it that it is taken back
    this.#resolveEnded();
  }
}

const SESSION_OVER = new Error('The session is over.');
