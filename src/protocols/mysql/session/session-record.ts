import type { ErrorCode } from '../../../kernel/errors/error-table.js';
import type { ResultEntry, SessionClosed } from '../../../recording/entries/entries.js';
import type { ResponseCapture } from '../../../recording/write/response-capture.js';
import { commandName } from '../wire/commands.js';
import type { Frame } from '../wire/frame-decoder.js';
import type { ResponseTracker } from '../wire/response/response-tracker.js';
import { approvalDecidedEntry } from '../../../gateway/held-entries.js';
import type { RecordedError } from '../recorded/bodies.js';
import type { ApprovalReport } from '../../../gateway/ports.js';
import type { RecordedOperation } from './machine/operation.js';
import type { Refusal, StatementAdmission } from './machine/session-state.js';
import { resultEntry } from './answer/result-entry.js';
import type { SessionOptions } from './session-options.js';

const REFUSED_HEAD_BYTES = 16;

/** Why a statement whose entry is there never went to the target. */
export interface NotRun {
  readonly error: RecordedError;
  /** That it waited for and that nobody has answered. */
  readonly question: ApprovalReport | undefined;
  readonly left: Refusal['left'];
}

/** What one session leaves in the recording of its grant, besides its statements. */
export class SessionRecord {
  readonly #session: number;
  readonly #options: Pick<SessionOptions, 'recorder' | 'recent' | 'clock' | 'onViolation'>;
  readonly #capture: ResponseCapture;

  constructor(
    options: Pick<SessionOptions, 'number' | 'recorder' | 'recent' | 'clock' | 'onViolation'>,
    capture: ResponseCapture,
  ) {
    this.#session = options.number;
    this.#options = options;
    this.#capture = capture;
  }

  refused({ commandByte, payload }: Frame, code: ErrorCode): void {
    const { recorder } = this.#options;
    if (!recorder.admits) return;
    recorder.append({
      type: 'refused',
      session: this.#session,
      name: commandName(commandByte ?? -1),
      code,
      payloadBytes: payload.length,
      head: payload.subarray(0, REFUSED_HEAD_BYTES).toString('hex'),
    });
  }

  /** It has left for the target. What people were asked about is not timed: it would tell of them. */
  forwarded({ startedUs }: RecordedOperation, admission: StatementAdmission | undefined): void {
    if (admission?.approval !== undefined) return;
    const { recorder, clock } = this.#options;
    recorder.meter.forwarded(admission === undefined ? 'straight' : 'lent', clock.monotonicUs() - startedUs);
  }

  result(
    { statement, request, startedUs }: RecordedOperation,
    outcome: ResultEntry['outcome'],
    tracker: Pick<ResponseTracker, 'results' | 'error'>,
  ): void {
    const { recorder, recent, clock } = this.#options;
    if (statement !== undefined) recent.ended(statement, outcome);
    const response = this.#capture.bytes > 0 ? this.#capture.finish() : undefined;
    recorder.append(
      resultEntry({
        session: this.#session,
        statement,
        command: commandName(request.command),
        outcome,
        tracker,
        durationUs: clock.monotonicUs() - startedUs,
        response,
      }),
    );
  }

  /** The statement's entry is there, but its bytes will not leave: say so, or it would look like an unknown outcome. */
  notRun(operation: RecordedOperation, { error, question, left }: NotRun): void {
    const { recorder, recent, clock } = this.#options;
    const { statement, request, startedUs } = operation;
    if (statement === undefined || !recorder.admits) return;
    recent.ended(statement, 'error');
    const of = { session: this.#session, operation: statement };
    if (question !== undefined) recorder.append(approvalDecidedEntry(of, question, left));
    recorder.append({
      type: 'result',
      ...of,
      name: commandName(request.command),
      outcome: 'error',
      durationUs: clock.monotonicUs() - startedUs,
      body: { results: [], error },
    });
  }

  closed(reason: SessionClosed['reason'], code: ErrorCode | undefined, detail: string | undefined): void {
    const { recorder, onViolation } = this.#options;
    if (code === 'target_protocol_violation') onViolation(this.#session, detail);
    if (!recorder.admits) return;
    recorder.append({
      type: 'session.closed',
      session: this.#session,
      reason,
      ...(code === undefined ? {} : { code }),
      ...(detail === undefined ? {} : { detail }),
    });
  }
}
