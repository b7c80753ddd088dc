import type { CommandEntry } from '../recorded/bodies.js';
import type { JudgedStatement, SessionEffect } from '../judge/judgement.js';
import type { Kill } from '../sql/session/kill.js';
import type { PreparedStatement } from './prepared/prepared-statements.js';

/** A command without a statement of its own: it may go to the target once its entry is written. */
export interface CommandRequest {
  readonly kind: 'command';
  readonly command: number;
  readonly entry: CommandEntry;
  readonly effect: SessionEffect | undefined;
  /** The gateway carries it out itself: it ends one of the grant's own sessions. */
  readonly kill?: Kill;
  /** The statement that it is about. */
  readonly prepared: PreparedStatement | undefined;
}

/** A statement, to be judged. */
export interface StatementRequest {
  readonly kind: 'statement';
  readonly command: number;
  readonly judged: JudgedStatement;
  /** For an execution: what is executed, and its types when they came along. */
  readonly executed: ExecutedStatement | undefined;
}

interface ExecutedStatement {
  readonly prepared: PreparedStatement;
  readonly newTypes: PreparedStatement['types'];
  readonly cursorRequested: boolean;
}
