import { BrokerError } from '../../../../kernel/errors.js';
import type { ResponseCapture } from '../../../../recording/write/response-capture.js';
import type { TransactionPatience } from '../../locks/transaction-patience.js';
import { COM_RESET_CONNECTION } from '../../wire/commands.js';
import type { ResponseTracker } from '../../wire/response/response-tracker.js';
import type { CommandReader } from '../command-reader.js';
import { effectOf, factsOf, type RecordedOperation } from '../machine/operation.js';
import type { SessionEvent } from '../machine/session-events.js';
import type { AnsweringState } from '../machine/session-state.js';
import type { OwnCommands } from '../own/own-commands.js';
import { answerInPlaceOf } from '../own/own-answers.js';
import type { SessionContext } from '../session-context.js';
import { isKillsError } from '../session-ends.js';
import type { SessionOptions } from '../session-options.js';
import type { SessionUpkeep } from '../session-upkeep.js';
import { TargetErrors } from './target-errors.js';

export interface TargetAnswersParts {
  readonly tracker: ResponseTracker;
  readonly capture: Pick<ResponseCapture, 'bytes'>;
  readonly context: SessionContext;
  readonly reader: CommandReader;
  readonly own: OwnCommands;
  readonly upkeep: SessionUpkeep;
  readonly patience: TransactionPatience;
}

const ANSWERED_OK: SessionEvent = { on: 'answered', outcome: 'ok', upkeep: undefined };
const ANSWERED_ERROR: SessionEvent = { on: 'answered', outcome: 'error', upkeep: undefined };

/** Keeps up with what the target answers: what its client shall read of it, and what has changed in its session. */
export class TargetAnswers {
  readonly #judge: SessionOptions['judge'];
  readonly #parts: TargetAnswersParts;
  readonly #errors: TargetErrors;

  constructor({ judge }: Pick<SessionOptions, 'judge'>, parts: TargetAnswersParts) {
    this.#judge = judge;
    this.#parts = parts;
    this.#errors = new TargetErrors(parts.tracker);
  }

  /** What the client is to read of a part of an answer; undefined for nothing yet. */
  partFor({ operation, rowLimit, ending }: AnsweringState, part: Buffer): Buffer | undefined {
    if (rowLimit !== undefined) {
      rowLimit.withhold(part);
      return undefined;
    }
    const { tracker, capture, patience } = this.#parts;
    const error = capture.bytes === 0 ? tracker.error : undefined;
    if (error === undefined) return this.#errors.partFor(part);
    const why = ending === undefined ? patience.exhausted : new BrokerError(ending.code);
    if (why?.code === 'transaction_rolled_back' && isKillsError(error)) patience.willBeTold();
    return answerInPlaceOf(error, operation, why) ?? this.#errors.partFor(part);
  }

  /** The answer to a command of the client has ended. */
  answered(operation: RecordedOperation, isDeferred: boolean): SessionEvent {
    const { tracker, context, reader, patience, upkeep } = this.#parts;
    const { error } = tracker;
    const { command } = operation.request;
    const effect = effectOf(operation);
    context.answered(tracker, effect, factsOf(operation));
    if (command === COM_RESET_CONNECTION && error === undefined) context.forgetTemporaryTables();
    patience.answered(context.scene.inTransaction, operation.judgement);
    if (effect?.changesCatalog === true) this.#judge.catalogMayHaveChanged();
    if (error === undefined) reader.answered(operation, isDeferred, tracker);
    const due = upkeep.dueAfter(command, effect);
    if (due !== undefined) return { on: 'answered', outcome: error === undefined ? 'ok' : 'error', upkeep: due };
    return error === undefined ? ANSWERED_OK : ANSWERED_ERROR;
  }

  /** The answer to a command of the gateway's own has ended. */
  ownAnswered(): void {
    const { tracker, context, patience, own } = this.#parts;
    context.answered(tracker, undefined);
    patience.answered(context.scene.inTransaction, undefined);
    own.end(tracker.error);
  }
}
