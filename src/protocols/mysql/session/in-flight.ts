import type { StatementFacts } from '../../sql/statement.js';
import { COM_STMT_PREPARE } from '../wire/commands.js';
import type { Frame } from '../wire/frame-decoder.js';
import type { ReadCommand, ReadStatement } from './command-reader.js';
import type { ApprovalStanding } from '../../../gateway/ports.js';
import type { Judgement, SessionEffect } from '../judge/judgement.js';
import type { RowLimit } from './row-limited-answer.js';
import type { Admitted } from '../../../gateway/operation-gate.js';
import type { SessionWindow } from '../held/session-door.js';

/** A command on its way: being judged, held, recorded, or at the target. */
export interface InFlight {
  readonly frame: Frame;
  readonly read: ReadStatement | ReadCommand;
  readonly requestSequenceId: number;
  readonly startedUs: number;
  /** Once its entry is appended. */
  statement: number | undefined;
  judgement: Judgement | undefined;
  admitted: Admitted<SessionWindow> | undefined;
  /** The question it waits for. */
  asked: ApprovalStanding | undefined;
  rowLimit: RowLimit | undefined;
  /** It is a COM_STMT_PREPARE that a rehearsal has answered. */
  isDeferred: boolean;
}

export function inFlightOf(frame: Frame, read: InFlight['read'], startedUs: number): InFlight {
  return {
    frame,
    read,
    requestSequenceId: frame.lastSequenceId,
    startedUs,
    statement: undefined,
    judgement: undefined,
    admitted: undefined,
    asked: undefined,
    rowLimit: undefined,
    isDeferred: false,
  };
}

/** What it changes of its session once it is answered well. Preparing changes nothing: its executions do. */
export function effectOf({ read, judgement }: InFlight): SessionEffect | undefined {
  if (read.command === COM_STMT_PREPARE) return undefined;
  return read.kind === 'statement' ? judgement?.effect : read.effect;
}

/** What a statement that is answered did; undefined for a command, and for one that was only prepared. */
export function ranBy({ read, judgement }: InFlight): StatementFacts | undefined {
  return read.command === COM_STMT_PREPARE ? undefined : judgement?.facts;
}

/**
 * `idle`: the next command may be read. `judging`: the verdict is not there yet. `held`: it waits for people, privileges
 * or its turn. `recording`: its entry is being written. `answering`: it is at the target. `settling`: it is answered, and
 * what was given for it is taken back. `preparing`: a statement of the gateway's own is at the target. `ended`: nothing
 * is forwarded any more.
 */
export type Phase = 'idle' | 'judging' | 'held' | 'recording' | 'answering' | 'settling' | 'preparing' | 'ended';
