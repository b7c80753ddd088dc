import { brokerErrorOf } from '../../../kernel/errors.js';
import type { EntryFields } from '../../../recording/entries/entries.js';
import { assert } from '../../../kernel/assert.js';
import { COM_STMT_PREPARE, responseOf } from '../wire/commands.js';
import { answerAs, answerInPlace, wireFor } from './prepared/deferred-statements.js';
import { errPacket, packetOf } from './answer/error-packets.js';
import { effectOf } from './machine/operation.js';
import type { Act, NamedAct } from './machine/session-acts.js';
import type { SessionEvent, AnswerProgress } from './machine/session-events.js';
import type { AnsweringState } from './machine/session-state.js';
import { SESSION_OVER } from './own/own-commands.js';
import { endClientLeg, endTargetLeg } from './session-ends.js';
import { carryOut, ownAnswer } from './session-kill.js';
import type { SessionOptions } from './session-options.js';
import type { SessionMachine, SessionParts } from './session-parts.js';

/** The acts that are done here; reading on is the session's own. */
type PerformedAct = Exclude<Act, { readonly do: 'read-on' }>;

export interface PerformerHost extends SessionMachine {
  /** The entry of the state is written. One function for all commands: there is one in flight at a time. */
  readonly recorded: () => void;
  /** The gateway's own bytes come in place of the target's. */
  readonly answerInPlace: (bytes: Buffer) => void;
  /** The session is over. */
  readonly ended: () => void;
}

const KILL_WAIT_MS = 2_000;
/** By then the target has looked what the account may do, and started to read. */
const CHECKED_AFTER_MS = 1_000;

const UNANSWERED: SessionEvent = { on: 'unanswered' };

/** Does what the machine of a session says: writes to its legs and its recording, and starts works. */
export class ActPerformer {
  readonly #options: SessionOptions;
  readonly #parts: SessionParts;
  readonly #host: PerformerHost;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: SessionOptions, parts: SessionParts, host: PerformerHost) {
    this.#options = options;
    this.#parts = parts;
    this.#host = host;
  }

  perform(act: PerformedAct): void {
    const { client, target, record, works } = this.#parts;
    switch (act.do) {
      case 'record-first': {
        const state = this.#host.state();
        assert('entry' in state, 'there is an entry to be written');
        return this.recordFirst(state.entry);
      }
      case 'forward': {
        const state = this.#host.state();
        assert(state.at === 'answering', 'something is forwarded');
        return this.forward(state);
      }
      case 'record-result':
        return this.#recordResult(act);
      case 'append':
        return this.#options.recorder.append(act.entry);
      case 'record-not-run':
        return record.notRun(act.operation, act);
      case 'refuse':
        return this.#refuse(act);
      case 'tell':
        client.write(packetOf(act.error, act.operation.requestSequenceId + 1));
        return;
      case 'send':
        return this.#send(act.bytes, act.client !== 'gone');
      case 'answer-deferred':
        return this.#answerDeferred(act);
      case 'answer-carried-out':
        return this.#answerCarriedOut(act);
      case 'let-target-flow':
        return target.resume();
      case 'kill-at-target':
        this.#options.killRunning(this.#options.targetThread).catch(this.#overdue);
        return;
      case 'limit-wait':
        this.#timer = setTimeout(this.#overdue, KILL_WAIT_MS);
        return;
      case 'say-farewell':
        if (!client.destroyed) client.end(errPacket(act.code, act.sequenceId, act.detail));
        return;
      case 'hang-up':
        return client.end();
      case 'cut-client':
        return client.destroy();
      case 'close':
        return this.#close(act);
      case 'close-window':
        void act.window.close(); // never rejects: who gave it sees to it that it is taken back
        return;
      case 'close-window-soon':
        setTimeout(() => void act.window.close(), CHECKED_AFTER_MS).unref();
        return;
      case 'give-way':
        return works.giveWay(act.why);
      case 'weigh':
        return this.#weigh(act);
      case 'carry-out':
        return this.work(this.#kill(act));
      case 'settle-rows':
        return this.work(this.#settleRows(act));
      case 'settle':
        return this.work(this.#settle(act));
      default:
        return this.work(works.start(act));
    }
  }

  /** Tells the machine how a work ended; whatever it throws ends the session. */
  work(work: Promise<SessionEvent>): void {
    work.then(this.#host.feed).catch((error: unknown) => this.failTarget(error));
  }

  /** The target leg is of no more use: it is gone, or it broke the protocol. */
  failTarget(error: unknown): void {
    this.#host.feed({ on: 'target-failed', fault: brokerErrorOf(error), told: this.#told() });
  }

  /** Passes a part of an answer on, as far as the client may read it now. */
  passOn(state: AnsweringState, part: Buffer): void {
    const bytes = this.#parts.answers.partFor(state, part);
    if (bytes !== undefined) this.#send(bytes, state.client !== 'gone');
  }

  // To the target

  recordFirst(entry: EntryFields): void {
    this.#options.recorder.append(entry, this.#host.recorded);
  }

  forward({ operation, admission }: AnsweringState): void {
    const { request, requestSequenceId } = operation;
    const { tracker, reader, target, flow, record } = this.#parts;
    const statement = request.kind === 'statement' ? request : undefined;
    tracker.begin(request.command, requestSequenceId, statement?.executed?.cursorRequested === true);
    if (statement !== undefined) reader.forwarded(statement);
    const answer = answerInPlace(operation, tracker.statusFlags, this.#options.capabilities);
    if (answer !== undefined) return this.#host.answerInPlace(answer);
    const wire = wireFor(operation);
    const flows = wire === undefined || target.write(wire);
    if (!flows) flow.pause();
    if (statement !== undefined) record.forwarded(operation, admission);
    if (tracker.done) this.#host.feed(UNANSWERED);
  }

  // To the client

  /** A command that has no answer gets none. */
  #refuse({ frame, code, detail }: NamedAct<'refuse'>): void {
    this.#parts.record.refused(frame, code);
    if (responseOf(frame.commandByte ?? -1) === 'none') return;
    this.#parts.client.write(errPacket(code, frame.lastSequenceId + 1, detail));
  }

  #send(bytes: Buffer, isRead: boolean): void {
    const { capture, tracker, client, target } = this.#parts;
    capture.take(bytes, tracker.done);
    if (isRead && !client.pass(bytes)) target.pause();
  }

  /** A statement is prepared at the target once it is executed; until then its client has what a rehearsal said. */
  #answerDeferred({ operation, answer }: NamedAct<'answer-deferred'>): void {
    const { tracker, reader } = this.#parts;
    const { statusFlags } = tracker;
    tracker.begin(COM_STMT_PREPARE, operation.requestSequenceId);
    this.#host.answerInPlace(answerAs(answer, { statementId: reader.nextDeferredId(), statusFlags }));
  }

  /** The gateway has carried out what was asked, and tells the client what came of it. */
  #answerCarriedOut({ operation, refused: code, client }: NamedAct<'answer-carried-out'>): void {
    const { context, record } = this.#parts;
    const { capabilities } = this.#options;
    const { requestSequenceId, request } = operation;
    const { command } = request;
    const { statusFlags } = context;
    const { bytes, tracker } = ownAnswer({ command, requestSequenceId }, { code, capabilities, statusFlags });
    this.#send(bytes, client !== 'gone');
    record.result(operation, code === undefined ? 'ok' : 'error', tracker);
  }

  #recordResult({ operation, outcome, told }: NamedAct<'record-result'>): void {
    if (outcome === 'unknown' && !this.#options.recorder.admits) return;
    this.#parts.record.result(operation, outcome, told ?? this.#parts.tracker);
  }

  /** Of the answer that the client waits for. */
  #told(): AnswerProgress {
    const { capture, tracker } = this.#parts;
    return capture.bytes === 0 ? 'nothing' : (tracker.nextSequenceId ?? 'part of a packet');
  }

  // Works

  #weigh({ operation, judgement, isLearnt }: NamedAct<'weigh'>): void {
    const { judge } = this.#parts;
    this.#host.feed(isLearnt ? judge.decide(operation, judgement) : judge.weigh(operation, judgement));
  }

  /** It reaches the grant's own sessions alone. */
  async #kill({ kill }: NamedAct<'carry-out'>): Promise<SessionEvent> {
    const { targetThread: thread, capabilities, peers } = this.#options;
    const { own } = this.#parts;
    return { on: 'carried-out', refused: await carryOut(kill, { thread, capabilities, peers, own }) };
  }

  /** Keeps what a statement with a row limit has changed, or undoes it. */
  async #settleRows({ operation, rowLimit }: NamedAct<'settle-rows'>): Promise<SessionEvent> {
    const { tracker, own, upkeep } = this.#parts;
    const { results, error } = tracker;
    const outcome = await rowLimit.settle({ results, error }, (statement) => own.run(statement));
    return { on: 'limited', outcome, upkeep: upkeep.dueAfter(operation.request.command, effectOf(operation)) };
  }

  async #settle({ window, upkeep: due }: NamedAct<'settle'>): Promise<SessionEvent> {
    const { upkeep, patience } = this.#parts;
    if (window !== undefined) await upkeep.leave(window);
    if (due !== undefined) await upkeep.keepUp(due);
    if (due === 'roll-back') patience.rolledBack();
    return { on: 'settled' };
  }

  // The end

  readonly #overdue = (): void => this.#host.feed({ on: 'overdue', told: this.#told() });

  #close({ reason, fault, isMidway }: NamedAct<'close'>): void {
    const { client, target, tracker, patience, works, own, record } = this.#parts;
    const isBetweenCommands = tracker.done && !isMidway;
    clearTimeout(this.#timer);
    patience.close();
    works.abandon(SESSION_OVER);
    own.abandon(SESSION_OVER);
    record.closed(reason, fault?.code, fault?.detail);
    endClientLeg(client);
    endTargetLeg(target, isBetweenCommands);
    this.#host.ended();
  }
}
