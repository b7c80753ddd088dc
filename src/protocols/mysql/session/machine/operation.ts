import type { StatementFacts } from '../../../sql/statement.js';
import { COM_STMT_PREPARE } from '../../wire/commands.js';
import type { Frame } from '../../wire/frame-decoder.js';
import type { Judgement, SessionEffect } from '../../judge/judgement.js';
import type { CommandRequest, StatementRequest } from '../request.js';

/** A command of the client's from its reading to its answer. */
export interface Operation {
  readonly frame: Frame;
  readonly request: StatementRequest | CommandRequest;
  /** The answer to it counts on from this. */
  readonly requestSequenceId: number;
  readonly startedUs: number;
}

/** A statement whose verdict is not known. */
export interface StatementToJudge extends Operation {
  readonly request: StatementRequest;
}

/** One whose entry is made. */
export interface RecordedOperation extends Operation {
  /** Its number in the recording; undefined for a command that is no statement. */
  readonly statement: number | undefined;
  /** Undefined for what no policy decides over. */
  readonly judgement: Judgement | undefined;
}

/** A statement that was judged and has its number. */
export interface StatementOperation extends RecordedOperation {
  readonly request: StatementRequest;
  readonly statement: number;
  readonly judgement: Judgement;
}

/** What it changes of its session once it is answered well. Preparing changes nothing: its executions do. */
export function effectOf({ request, judgement }: RecordedOperation): SessionEffect | undefined {
  if (request.command === COM_STMT_PREPARE) return undefined;
  return request.kind === 'statement' ? judgement?.effect : request.effect;
}

/** What a statement that is answered did; undefined for a command, and for one that was only prepared. */
export function factsOf({ request, judgement }: RecordedOperation): StatementFacts | undefined {
  return request.command === COM_STMT_PREPARE ? undefined : judgement?.facts;
}
