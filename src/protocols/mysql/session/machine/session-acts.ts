import type { ErrorCode } from '../../../../kernel/errors/error-table.js';
import type { ApprovalReport } from '../../../../gateway/ports.js';
import type { EntryFields, SessionClosed } from '../../../../recording/entries/entries.js';
import type { SessionWindow } from '../../held/session-door.js';
import type { Judgement } from '../../judge/judgement.js';
import type { SessionSettings } from '../../preview/session-settings.js';
import type { AskedSetting } from '../../sql/session/session-change.js';
import type { Kill } from '../../sql/session/kill.js';
import type { Frame } from '../../wire/frame-decoder.js';
import type { ErrPacket } from '../../wire/packets.js';
import type { ResponseTracker } from '../../wire/response/response-tracker.js';
import type { RowLimit } from '../answer/row-limited-answer.js';
import type { RecordedOperation, StatementOperation, StatementToJudge } from './operation.js';
import type { Fault } from './session-events.js';
import type { Client, Refusal, StatementAdmission, Upkeep } from './session-state.js';

/** The act of this name. */
export type NamedAct<Name extends Act['do']> = Extract<Act, { readonly do: Name }>;

/** What the shell does for the machine, in the order in which the machine gives it. */
export type Act =
  // The recording
  | { readonly do: 'append'; readonly entry: EntryFields }
  /** Appends the entry of the state; once it is written the machine is told `recorded`. */
  | { readonly do: 'record-first' }
  | {
      readonly do: 'record-result';
      readonly operation: RecordedOperation;
      readonly outcome: 'ok' | 'error' | 'unknown';
      /** Undefined: as the answer was followed. */
      readonly told: Pick<ResponseTracker, 'results' | 'error'> | undefined;
    }
  /** Its entry is there, and it will not leave. */
  | {
      readonly do: 'record-not-run';
      readonly operation: RecordedOperation;
      readonly question: ApprovalReport | undefined;
      readonly error: ErrPacket;
      readonly left: Refusal['left'];
    }
  // The target
  /** Sends the bytes of the state `answering`. */
  | { readonly do: 'forward' }
  | { readonly do: 'kill-at-target' }
  /** Tells the machine `overdue` after a while. */
  | { readonly do: 'limit-wait' }
  // The client
  /** Tells it that a command is refused, and records that. */
  | { readonly do: 'refuse'; readonly frame: Frame; readonly code: ErrorCode; readonly detail: string | undefined }
  /** Tells it why its statement does not run. */
  | { readonly do: 'tell'; readonly operation: RecordedOperation; readonly error: ErrPacket }
  /** Passes an answer on that was kept back, unless the client is gone; the recording has it in any case. */
  | { readonly do: 'send'; readonly bytes: Buffer; readonly client: Client }
  | { readonly do: 'answer-deferred'; readonly operation: StatementOperation; readonly answer: Buffer }
  | {
      readonly do: 'answer-carried-out';
      readonly operation: RecordedOperation;
      readonly refused: ErrorCode | undefined;
      readonly client: Client;
    }
  /** The client does not slow the target down any more. */
  | { readonly do: 'let-target-flow' }
  | { readonly do: 'read-on' }
  // Works: each tells the machine of its end
  | {
      readonly do: 'weigh';
      readonly operation: StatementToJudge;
      readonly judgement: Judgement;
      readonly isLearnt: boolean;
    }
  | {
      readonly do: 'learn';
      readonly operation: StatementToJudge;
      readonly judgement: Judgement;
      readonly settings: readonly AskedSetting[];
    }
  | { readonly do: 'rehearse'; readonly operation: StatementOperation }
  | { readonly do: 'ask-gate'; readonly operation: StatementOperation; readonly settings: SessionSettings | undefined }
  | { readonly do: 'make-ready'; readonly operation: StatementOperation; readonly admission: StatementAdmission }
  | { readonly do: 'undo'; readonly rollsBack: boolean; readonly window: SessionWindow | undefined }
  | { readonly do: 'wait-to-enter'; readonly database: string }
  | { readonly do: 'carry-out'; readonly kill: Kill }
  | { readonly do: 'settle-rows'; readonly operation: RecordedOperation; readonly rowLimit: RowLimit }
  | { readonly do: 'settle'; readonly window: SessionWindow | undefined; readonly upkeep: Upkeep | undefined }
  /** Whatever waits at the gate is told that its transaction has to give way. */
  | { readonly do: 'give-way'; readonly why: Error }
  // Ends
  | {
      readonly do: 'say-farewell';
      readonly code: ErrorCode;
      readonly detail: string | undefined;
      readonly sequenceId: number;
    }
  /** Without a word: that is what drivers take for a connection that went while it was idle. */
  | { readonly do: 'hang-up' }
  /** In the middle of a packet an ERR would be read as its content; the closed connection has to say it. */
  | { readonly do: 'cut-client' }
  | {
      readonly do: 'close';
      readonly reason: SessionClosed['reason'];
      readonly fault: Fault | undefined;
      /** The target may have more to undo than it does for a client that quits. */
      readonly isMidway: boolean;
    }
  | { readonly do: 'close-window'; readonly window: SessionWindow }
  /** While its statement still runs: nobody has to wait until it ends. */
  | { readonly do: 'close-window-soon'; readonly window: SessionWindow };
