import { assert, unreachable } from '../../../kernel/assert.js';
import { brokerErrorOf, BrokerError } from '../../../kernel/errors.js';
import type { ErrorCode } from '../../../kernel/errors/error-table.js';
import type { SessionClosed } from '../../../recording/entries/entries.js';
import type { Kill } from '../sql/session/kill.js';
import type { Frame } from '../wire/frame-decoder.js';
import type { CommandRequest } from './request.js';
import { ActPerformer } from './act-performer.js';
import type { RecordedOperation } from './machine/operation.js';
import { type NamedEvent, type SessionEvent, STRAIGHT } from './machine/session-events.js';
import { type AnsweringState, IDLE, type SessionState } from './machine/session-state.js';
import { step } from './machine/session-step.js';
import { answeringOf, idleAfter, recordingOf } from './machine/straight-path.js';
import { whyNothingIsForwarded } from './answer/refusals.js';
import { endStatement } from './session-kill.js';
import type { SessionOptions } from './session-options.js';
import { partsOf, type SessionParts } from './session-parts.js';

const RECORDED: SessionEvent = { on: 'recorded' };

/**
 * One client connection under a grant, after both legs have logged in: reads a command, has it judged, has it recorded,
 * and only then forwards the bytes as they came; follows the answer and passes it on as it comes.
 *
 * One command at a time: what a client pipelines waits unread until the answer before it has ended, so that the order
 * of the recording is the order of what happened.
 *
 * Here the sockets' bytes and ends become events. What follows from an event `machine/session-step.ts` says, and
 * {@link ActPerformer} does it.
 */
export class Session {
  readonly number: number;
  /** Resolves when both legs are gone and the session's last entry is appended. */
  readonly ended: Promise<void>;
  readonly #options: SessionOptions;
  readonly #parts: SessionParts;
  readonly #performer: ActPerformer;
  #state: SessionState = IDLE;
  #isReading = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.number = options.number;
    const state = (): SessionState => this.#state;
    const feed = (event: SessionEvent): void => this.#feed(event);
    this.#parts = partsOf(options, { state, feed });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#performer = new ActPerformer(options, this.#parts, {
      state,
      feed,
      recorded: () => this.#onRecorded(),
      answerInPlace: (bytes) => this.#onTargetBytes(bytes),
      ended: resolve,
    });
  }

  /** Starts to read. The caller has sent the client its OK. */
  start(): void {
    const { client, target, flow } = this.#parts;
    client.listen({
      onBytes: (bytes) => this.#onClientBytes(Buffer.from(bytes)), // a command is kept until it is recorded
      onEnd: () => this.#feed({ on: 'client-finished' }),
      onDrain: () => this.#onClientDrain(),
      onClose: () => this.#feed({ on: 'client-gone' }),
    });
    target.listen({
      onBytes: (bytes) => this.#onTargetBytes(bytes),
      onDrain: () => flow.resumeUnlessFull(this.#state.at !== 'idle'),
      onClose: () => this.#performer.failTarget(new BrokerError('target_leg_lost')),
    });
    this.#feed({ on: 'upkeep-due', upkeep: 'begin' });
  }

  /**
   * Ends the session because its grant ends. A running statement is killed at the target first; the client is told why
   * by ERR, in answer to that statement or to whatever it sends next.
   */
  end(code: ErrorCode, reason: SessionClosed['reason'] = 'grant-closed'): void {
    this.#feed({ on: 'end', code, reason });
  }

  /**
   * Another session of the grant asks for it: ends the statement that runs or waits, and the session goes on; or the
   * whole session.
   */
  async kill(what: Kill['what']): Promise<void> {
    if (what === 'connection') return this.end('session_killed', 'killed');
    await endStatement({
      state: () => this.#state,
      atTarget: () => this.#options.killRunning(this.#options.targetThread),
      waiting: () => this.#parts.works.abandon(new BrokerError('statement_killed')),
    });
  }

  /** Whether a client means this session by the id: by its greeting, or by what the target itself says. */
  isCalled(id: number): boolean {
    return id === this.#options.connectionId || id === this.#options.targetThread;
  }

  #feed(event: SessionEvent): void {
    const { state, acts } = step(this.#state, event);
    this.#state = state;
    for (const act of acts) {
      // What an act led to may have ended the session: then nothing more is told or forwarded.
      if (this.#state.at === 'ended' && state.at !== 'ended') return;
      if (act.do === 'read-on') this.#readOn();
      else this.#performer.perform(act);
    }
  }

  // The straight path, as the machine has it

  #goStraight({ operation, entry }: NamedEvent<'judged'>): void {
    const state = this.#state;
    assert(state.at === 'idle', 'a command is read between two others');
    this.#state = recordingOf(state.client, operation, entry);
    this.#performer.recordFirst(entry);
  }

  #onRecorded(): void {
    const state = this.#state;
    if (state.at !== 'recording') return this.#feed(RECORDED);
    const answering = answeringOf(state);
    this.#state = answering;
    this.#performer.forward(answering);
  }

  #onAnswered(state: AnsweringState): void {
    const event = this.#parts.answers.answered(state.operation, state.isDeferred);
    const idle = idleAfter(state, event);
    if (idle === undefined) return this.#feed(event);
    this.#state = idle;
    const { record, tracker } = this.#parts;
    record.result(state.operation, tracker.error === undefined ? 'ok' : 'error', tracker);
    this.#readOn();
  }

  // The client leg

  #onClientBytes(chunk: Buffer): void {
    if (this.#state.at === 'ended') return;
    const { decoder, flow } = this.#parts;
    decoder.push(chunk);
    if (this.#state.at === 'idle') this.#readOn();
    flow.pauseWhenFull(this.#state.at !== 'idle');
  }

  #onClientDrain(): void {
    this.#parts.target.resume();
    if (this.#state.at === 'idle') this.#readOn();
  }

  /** Reads commands for as long as each is answered at once; what one of them leads to comes back here. */
  #readOn(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    try {
      this.#readCommands();
    } catch (error) {
      return this.#feed({ on: 'client-failed', fault: brokerErrorOf(error) });
    } finally {
      this.#isReading = false;
    }
    if (this.#state.at !== 'idle') return;
    const { flow, client } = this.#parts;
    if (flow.isPaused) flow.resumeUnlessFull(false);
    if (this.#state.client === 'finished' && !client.writableNeedDrain) this.#feed({ on: 'read-out' });
  }

  #readCommands(): void {
    const { client, decoder, patience, upkeep } = this.#parts;
    // A client that reads no refusals gets no further ones: they would be heaped up here.
    while (this.#state.at === 'idle' && !client.writableNeedDrain) {
      const due = patience.exhausted === undefined ? upkeep.due : 'roll-back';
      if (due !== undefined) return this.#feed({ on: 'upkeep-due', upkeep: due });
      const frame = decoder.next();
      if (frame === undefined) return;
      const event = this.#eventOf(frame);
      if (event.on === 'judged' && event.way === STRAIGHT) this.#goStraight(event);
      else this.#feed(event);
    }
  }

  /** What a command of the client is to the machine. */
  #eventOf(frame: Frame): SessionEvent {
    const code = whyNothingIsForwarded(this.#options);
    if (code !== undefined) return { on: 'refused', frame, code, detail: undefined };
    const { reader, patience, judge } = this.#parts;
    const reading = reader.read(frame);
    switch (reading.kind) {
      case 'statement': {
        const lost = patience.lostBefore(reading);
        if (lost !== undefined) return { on: 'refused', frame, code: lost.code, detail: lost.detail };
        const startedUs = this.#options.clock.monotonicUs();
        const operation = { frame, request: reading, requestSequenceId: frame.lastSequenceId, startedUs };
        const event = judge.judge(operation);
        if (!(event instanceof Promise)) return event;
        this.#performer.work(event);
        return { on: 'judging', operation };
      }
      case 'command':
        return this.#commandEvent(frame, reading);
      case 'refuse':
        return { on: 'refused', frame, code: reading.code, detail: reading.detail };
      case 'quit':
        return { on: 'quit' };
      default:
        return unreachable(reading);
    }
  }

  #commandEvent(frame: Frame, request: CommandRequest): SessionEvent {
    const { entry, kill, effect } = request;
    const operation: RecordedOperation = {
      frame,
      request,
      requestSequenceId: frame.lastSequenceId,
      startedUs: this.#options.clock.monotonicUs(),
      statement: undefined,
      judgement: undefined,
    };
    if (kill !== undefined) return { on: 'read-kill', operation, entry, kill };
    const database = effect?.database;
    return database === undefined
      ? { on: 'read', operation, entry }
      : { on: 'read-entering', operation, entry, database };
  }

  // The target leg

  #onTargetBytes(chunk: Buffer): void {
    const { tracker, own } = this.#parts;
    const state = this.#state;
    if (state.at !== 'answering' && !own.isOpen) {
      // A server says why it gives an idle session up, then closes it; the close is what counts.
      return this.#performer.failTarget(new BrokerError('target_leg_lost'));
    }
    try {
      const end = tracker.push(chunk);
      const part = end === chunk.length ? chunk : chunk.subarray(0, end);
      if (state.at === 'answering') this.#performer.passOn(state, part);
      else own.take(part);
      if (end < chunk.length) {
        throw new BrokerError('target_protocol_violation', { detail: 'The target sent bytes after its answer.' });
      }
      if (!tracker.done) return;
      if (state.at === 'answering') this.#onAnswered(state);
      else this.#parts.answers.ownAnswered();
    } catch (error) {
      this.#performer.failTarget(error);
    }
  }
}
