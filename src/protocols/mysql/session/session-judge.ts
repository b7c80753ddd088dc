import { BrokerError } from '../../../kernel/errors.js';
import type { ErrorCode } from '../../../kernel/errors/error-table.js';
import type { OperationEntry } from '../../../recording/entries/entries.js';
import type { Judgement } from '../judge/judgement.js';
import type { Frame } from '../wire/frame-decoder.js';
import { type Kill, killOf } from '../sql/session/kill.js';
import { whyNotInBulk } from './prepared/bulk-rows.js';
import type { CommandReader } from './command-reader.js';
import type { StatementRequest } from './request.js';
import { isDeferred } from './prepared/deferred-statements.js';
import type { StatementToJudge } from './machine/operation.js';
import { type SessionEvent, STRAIGHT, TO_THE_GATE, type Way } from './machine/session-events.js';
import { isBeyond } from './own/own-statements.js';
import { refusalFor } from './answer/refusals.js';
import type { SessionOptions } from './session-options.js';
import type { SessionUpkeep } from './session-upkeep.js';

/** Has the statements of one session judged, and says how they go on. Nothing here waits for what was judged before. */
export class SessionJudge {
  readonly #options: Pick<SessionOptions, 'judge' | 'door' | 'clock' | 'deadlineMs' | 'recent'>;
  readonly #reader: CommandReader;
  readonly #upkeep: Pick<SessionUpkeep, 'mustEnterAnew'>;

  constructor(
    options: Pick<SessionOptions, 'judge' | 'door' | 'clock' | 'deadlineMs' | 'recent'>,
    reader: CommandReader,
    upkeep: Pick<SessionUpkeep, 'mustEnterAnew'>,
  ) {
    this.#options = options;
    this.#reader = reader;
    this.#upkeep = upkeep;
  }

  /** Gives what happens next; a promise only where somebody else has to be asked for the verdict. */
  judge(operation: StatementToJudge): SessionEvent | Promise<SessionEvent> {
    const { judged } = operation.request;
    const { command, analysed, scene } = judged;
    const kill = command !== 'COM_QUERY' || analysed === undefined ? undefined : killOf(analysed, scene.dialect);
    if (kill !== undefined) return this.#killing(operation, kill);
    const judgement = this.#options.judge.judge(judged);
    if (judgement instanceof Promise) return judgement.then((later) => ({ on: 'judgement', judgement: later }));
    return this.weigh(operation, judgement);
  }

  /** With a judgement of the text alone; what it sets may have to be learnt from the target first. */
  weigh(operation: StatementToJudge, judgement: Judgement): SessionEvent {
    const { bulk, command } = operation.request.judged;
    const { verdict, effect } = judgement;
    const unfit = bulk === undefined ? undefined : whyNotInBulk(bulk, judgement.facts);
    if (unfit !== undefined && verdict !== 'deny') {
      return this.decide(operation, denied(judgement, 'bulk_refused', unfit));
    }
    if (effect?.limitMs !== undefined && this.#isBeyondDeadline(effect.limitMs)) {
      return this.decide(operation, denied(judgement, 'session_change_refused', LIMIT_TOO_LONG));
    }
    const settings = effect?.asks;
    const isPrepared = command === 'COM_STMT_PREPARE'; // which sets nothing
    if (settings === undefined || isPrepared || verdict === 'deny') return this.decide(operation, judgement);
    return { on: 'asking', operation, judgement, settings };
  }

  /** With all that there is to know of it. */
  decide(operation: StatementToJudge, judgement: Judgement): SessionEvent {
    const { frame, request, requestSequenceId, startedUs } = operation;
    try {
      const entry = this.#reader.entryOf(request, judgement);
      const { operation: statement } = entry;
      this.#note(entry, request, judgement);
      return {
        on: 'judged',
        operation: { frame, request, requestSequenceId, startedUs, statement, judgement },
        entry,
        way: this.#wayOf(request, judgement),
      };
    } catch (error) {
      return refusedBy(error, frame);
    }
  }

  /** For those who are asked about a later one. */
  #note(
    { session, operation, verdict }: Pick<OperationEntry, 'session' | 'operation' | 'verdict'>,
    { judged }: StatementRequest,
    { facts }: Judgement,
  ): void {
    const { recent, clock } = this.#options;
    const { text, scene } = judged;
    recent.began({ session, operation, atMs: clock.nowMs(), kind: facts.kind, verdict, text, dialect: scene.dialect });
  }

  #wayOf(request: StatementRequest, judgement: Judgement): Way {
    const { verdict, missing, refusal, why } = judgement;
    if (verdict === 'deny') return { kind: 'deny', refusal: refusalFor(refusal, why || undefined) };
    const isStraight =
      verdict === 'allow' &&
      missing.length === 0 &&
      !isDeferred(request) &&
      !this.#options.door.mustWait(judgement) &&
      !this.#upkeep.mustEnterAnew;
    return isStraight ? STRAIGHT : TO_THE_GATE;
  }

  #killing({ frame, request, requestSequenceId, startedUs }: StatementToJudge, kill: Kill): SessionEvent {
    try {
      const entry = this.#reader.entryOf(request, CARRIED_OUT);
      const { operation: statement } = entry;
      const operation = { frame, request, requestSequenceId, startedUs, statement, judgement: undefined };
      return { on: 'read-kill', operation, entry, kill };
    } catch (error) {
      return refusedBy(error, frame);
    }
  }

  #isBeyondDeadline(limitMs: number): boolean {
    const { deadlineMs, clock } = this.#options;
    return isBeyond(limitMs, deadlineMs - clock.nowMs());
  }
}

/** No policy decides over it: it ends what the grant itself has begun. */
const CARRIED_OUT = { verdict: 'allow', policies: [], fingerprint: null, why: '' } as const;

const LIMIT_TOO_LONG =
  "The statement's own time limit goes beyond the deadline of the grant. Leave the limit out, or make it smaller.";

/** The same, refused for what no policy says. */
export function denied(judgement: Judgement, refusal: ErrorCode, why: string): Judgement {
  return { ...judgement, verdict: 'deny', refusal, why };
}

function refusedBy(error: unknown, frame: Frame): SessionEvent {
  if (!(error instanceof BrokerError)) throw error;
  return { on: 'refused', frame, code: error.code, detail: error.detail };
}
