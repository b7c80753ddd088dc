import { unreachable } from '../../../../kernel/assert.js';
import type { ErrorCode } from '../../../../kernel/errors/error-table.js';
import type { ApprovalReport } from '../../../../gateway/ports.js';
import type { Admitted } from '../../../../gateway/operation-gate.js';
import type { EntryFields, SessionClosed } from '../../../../recording/entries/entries.js';
import type { SessionWindow } from '../../held/session-door.js';
import type { Judgement } from '../../judge/judgement.js';
import type { Kill } from '../../sql/session/kill.js';
import type { ErrPacket } from '../../wire/packets.js';
import type { Operation, RecordedOperation, StatementOperation, StatementToJudge } from './operation.js';
import type { RowLimit } from '../answer/row-limited-answer.js';

/** `listens`: it sends and reads. `finished`: it sends no more, and still reads. `gone`: nobody reads what it is told. */
export type Client = 'listens' | 'finished' | 'gone';

/** Why the session ends once what is at the target is answered. */
export interface PendingEnd {
  readonly code: ErrorCode;
  readonly reason: SessionClosed['reason'];
}

/** Why a statement does not run, as its client is told. */
export interface Refusal {
  readonly error: ErrPacket;
  /** What happens to the question that it waited for, if it waited. */
  readonly left: 'cancelled' | 'abandoned';
  /** The policy does not let its transaction keep what it has locked. */
  readonly rollsBack: boolean;
}

/** The gate lets a statement through, with what it needs meanwhile. */
export type StatementAdmission = Admitted<SessionWindow>;

/** What the gateway does for itself between two commands of the client's; see SessionUpkeep. */
export type Upkeep = 'begin' | 'catch-up' | 'roll-back' | 'time-limit';

/** The next command may be read. */
export interface IdleState {
  readonly at: 'idle';
  readonly client: Client;
}

/** The verdict is not there yet. */
export interface JudgingState {
  readonly at: 'judging';
  readonly client: Client;
  readonly operation: StatementToJudge;
}

/** The target is asked for the values that the statement would set; with them it is judged. */
export interface LearningState {
  readonly at: 'learning';
  readonly client: Client;
  readonly operation: StatementToJudge;
}

/** Its entry is there, and it does not go straight through: the target is asked whether it would take it at all. */
export interface RehearsingState {
  readonly at: 'rehearsing';
  readonly client: Client;
  readonly operation: StatementOperation;
}

/** It waits at the gate for people, privileges or its turn. */
export interface HeldState {
  readonly at: 'held';
  readonly client: Client;
  readonly operation: StatementOperation;
  /** The question that people have not answered yet. */
  readonly question: ApprovalReport | undefined;
}

/** The gate has admitted it; the session is made ready for it. */
export interface ReadyingState {
  readonly at: 'readying';
  readonly client: Client;
  readonly operation: StatementOperation;
  readonly admission: StatementAdmission;
}

/** It does not run; what was begun or given for it is taken back before its client is told. */
export interface RefusingState {
  readonly at: 'refusing';
  readonly client: Client;
  readonly operation: StatementOperation;
  readonly question: ApprovalReport | undefined;
  readonly window: SessionWindow | undefined;
  readonly refusal: Refusal;
}

/** A command waits at the gate until its session may enter a database. */
export interface EnteringState {
  readonly at: 'entering';
  readonly client: Client;
  readonly operation: RecordedOperation;
  readonly entry: EntryFields;
}

/** The gateway does itself what was asked, once the entry is written: it ends one of the grant's own sessions. */
export interface CarryingOutState {
  readonly at: 'carrying-out';
  readonly client: Client;
  readonly operation: RecordedOperation;
  readonly entry: EntryFields;
  readonly kill: Kill;
}

/** The entry is being written, after which the bytes leave for the target. */
export interface RecordingState {
  readonly at: 'recording';
  readonly client: Client;
  readonly operation: RecordedOperation;
  readonly entry: EntryFields;
  /** Undefined for what went past the gate. */
  readonly admission: StatementAdmission | undefined;
  readonly rowLimit: RowLimit | undefined;
}

/** It is at the target, or answered in place of the target, and its answer has not ended. */
export interface AnsweringState {
  readonly at: 'answering';
  readonly client: Client;
  readonly operation: RecordedOperation;
  readonly admission: StatementAdmission | undefined;
  readonly rowLimit: RowLimit | undefined;
  /** It is a COM_STMT_PREPARE that a rehearsal has answered; the target does not know it. */
  readonly isDeferred: boolean;
  readonly ending: PendingEnd | undefined;
}

/** It is answered, and what it changed is kept or undone before its client is told. */
export interface LimitingState {
  readonly at: 'limiting';
  readonly client: Client;
  readonly operation: RecordedOperation;
  readonly admission: StatementAdmission | undefined;
  readonly rowLimit: RowLimit;
  readonly ending: PendingEnd | undefined;
}

/** Nothing is in flight; what was given is taken back, and what the gateway has to do itself is done. */
export interface SettlingState {
  readonly at: 'settling';
  readonly client: Client;
  readonly window: SessionWindow | undefined;
  readonly ending: PendingEnd | undefined;
}

/** Nothing is read, forwarded or told any more. */
export interface EndedState {
  readonly at: 'ended';
}

/** A session that has not ended. */
export type LiveState =
  | IdleState
  | JudgingState
  | LearningState
  | RehearsingState
  | HeldState
  | ReadyingState
  | RefusingState
  | EnteringState
  | CarryingOutState
  | RecordingState
  | AnsweringState
  | LimitingState
  | SettlingState;

/** Where a session is, with what is true of it there and nowhere else. */
export type SessionState = LiveState | EndedState;

export const IDLE: IdleState = { at: 'idle', client: 'listens' };
export const ENDED: EndedState = { at: 'ended' };

/** The command that is on its way; undefined between two commands, and once the last one is answered. */
export function operationOf(state: SessionState): Operation | undefined {
  return 'operation' in state ? state.operation : undefined;
}

/** What the gate gave and has not got back. */
export function windowOf(state: LiveState): SessionWindow | undefined {
  if ('window' in state) return state.window;
  return 'admission' in state ? state.admission?.window : undefined;
}

/** Whether the gateway may ask the target something of its own: nothing of the client is there, and something waits for it. */
export function mayAskTarget({ at }: SessionState): boolean {
  switch (at) {
    case 'learning':
    case 'rehearsing':
    case 'held':
    case 'readying':
    case 'refusing':
    case 'carrying-out':
    case 'limiting':
    case 'settling':
      return true;
    case 'idle':
    case 'judging':
    case 'entering':
    case 'recording':
    case 'answering':
    case 'ended':
      return false;
    default:
      return unreachable(at);
  }
}

/**
 * What the locks of its open transaction are kept for; undefined while that is nothing that others may be made to wait
 * for. A statement that somebody approved, or that changes rows, has its locks rightly.
 */
export function locksKeptFor(state: SessionState): 'its client' | 'a plain read' | Judgement | undefined {
  if (state.at === 'idle') return 'its client';
  if (state.at === 'held') return state.operation.judgement;
  if (state.at !== 'answering') return undefined;
  const { operation, admission } = state;
  const isPlainRead = operation.judgement?.facts.action === 'read' && admission?.approval === undefined;
  return isPlainRead ? 'a plain read' : undefined;
}
