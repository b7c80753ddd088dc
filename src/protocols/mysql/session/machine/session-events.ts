import type { ErrorCode } from '../../../../kernel/errors/error-table.js';
import type { ApprovalReport } from '../../../../gateway/ports.js';
import type { EntryFields, SessionClosed } from '../../../../recording/entries/entries.js';
import type { SessionWindow } from '../../held/session-door.js';
import type { Judgement } from '../../judge/judgement.js';
import type { AskedSetting } from '../../sql/session/session-change.js';
import type { Kill } from '../../sql/session/kill.js';
import type { SessionSettings } from '../../preview/session-settings.js';
import type { Frame } from '../../wire/frame-decoder.js';
import type { RecordedOperation, StatementOperation, StatementToJudge } from './operation.js';
import type { LimitedOutcome, RowLimit } from '../answer/row-limited-answer.js';
import type { Refusal, StatementAdmission, Upkeep } from './session-state.js';

/** What happens to a session, as its shell of sockets and waits tells the machine. */
export type SessionEvent =
  // A command was read.
  /** It is not allowed, or not understood. */
  | { readonly on: 'refused'; readonly frame: Frame; readonly code: ErrorCode; readonly detail: string | undefined }
  /** A command that needs no verdict. */
  | { readonly on: 'read'; readonly operation: RecordedOperation; readonly entry: EntryFields }
  | {
      readonly on: 'read-entering';
      readonly operation: RecordedOperation;
      readonly entry: EntryFields;
      readonly database: string;
    }
  | {
      readonly on: 'read-kill';
      readonly operation: RecordedOperation;
      readonly entry: EntryFields;
      readonly kill: Kill;
    }
  | { readonly on: 'quit' }
  /** All that the client has sent is read. */
  | { readonly on: 'read-out' }
  | { readonly on: 'upkeep-due'; readonly upkeep: Upkeep }
  // It is judged.
  | { readonly on: 'judging'; readonly operation: StatementToJudge }
  /** The judgement came later than the command. */
  | { readonly on: 'judgement'; readonly judgement: Judgement }
  /** What it sets must be learnt from the target. */
  | {
      readonly on: 'asking';
      readonly operation: StatementToJudge;
      readonly judgement: Judgement;
      readonly settings: readonly AskedSetting[];
    }
  /** Its entry is made. */
  | { readonly on: 'judged'; readonly operation: StatementOperation; readonly entry: EntryFields; readonly way: Way }
  // It is held.
  | { readonly on: 'rehearsed'; readonly settings: SessionSettings | undefined }
  /** A rehearsal has the answer to its COM_STMT_PREPARE. */
  | { readonly on: 'deferred'; readonly answer: Buffer }
  | { readonly on: 'asked'; readonly question: ApprovalReport; readonly entry: EntryFields }
  | { readonly on: 'decided'; readonly entry: EntryFields }
  | { readonly on: 'admitted'; readonly admission: StatementAdmission }
  | { readonly on: 'may-enter'; readonly window: SessionWindow }
  /** Nor may its session enter the database now. */
  | { readonly on: 'may-not-enter'; readonly fault: Fault }
  /** The gate, the target or the broker's bounds do not let it run. */
  | { readonly on: 'turned-away'; readonly refusal: Refusal }
  | { readonly on: 'undone' }
  | {
      readonly on: 'ready';
      readonly entry: EntryFields;
      readonly rowLimit: RowLimit | undefined;
      /** The target looks once what it may do, when it starts, and it was lent nothing. */
      readonly isSoonChecked: boolean;
    }
  // It is carried out.
  | { readonly on: 'carried-out'; readonly refused: ErrorCode | undefined }
  | { readonly on: 'recorded' }
  | { readonly on: 'answered'; readonly outcome: 'ok' | 'error'; readonly upkeep: Upkeep | undefined }
  /** It has left, and is of those that have no answer. */
  | { readonly on: 'unanswered' }
  | { readonly on: 'limited'; readonly outcome: LimitedOutcome; readonly upkeep: Upkeep | undefined }
  | { readonly on: 'settled' }
  // From outside.
  | { readonly on: 'client-finished' }
  | { readonly on: 'client-gone' }
  /** The client broke the protocol, or a command of it cannot be dealt with. */
  | { readonly on: 'client-failed'; readonly fault: Fault }
  /** The target leg is of no more use. */
  | { readonly on: 'target-failed'; readonly fault: Fault; readonly told: AnswerProgress }
  | { readonly on: 'end'; readonly code: ErrorCode; readonly reason: SessionClosed['reason'] }
  /** What was killed at the target for the end of the session has not ended. */
  | { readonly on: 'overdue'; readonly told: AnswerProgress }
  /** Others have waited too long for what its transaction has locked. */
  | { readonly on: 'locks-exhausted'; readonly why: Error };

/** The event of this name. */
export type NamedEvent<Name extends SessionEvent['on']> = Extract<SessionEvent, { readonly on: Name }>;

/** How a statement goes on by its verdict. */
export type Way =
  | { readonly kind: 'straight' }
  | { readonly kind: 'gate' }
  | { readonly kind: 'deny'; readonly refusal: Refusal };

/** What the client has read of the answer that it waits for; a number: whole packets, and the next one has this id. */
export type AnswerProgress = 'nothing' | 'part of a packet' | number;

export const STRAIGHT: Way = { kind: 'straight' };
export const TO_THE_GATE: Way = { kind: 'gate' };

export interface Fault {
  readonly code: ErrorCode;
  readonly detail?: string | undefined;
}
