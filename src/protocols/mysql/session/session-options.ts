import type { Socket } from 'node:net';
import type { SqlDialect } from '../sql/text/dialect.js';
import type { Clock } from '../../../kernel/clock.js';
import type { BusyPoll } from '../../../gateway/busy-poll.js';
import type { SocketWay } from '../../../gateway/leg.js';
import type { SessionLimits } from '../../../gateway/gateway-protocol.js';
import type { RecentStatements } from '../held/recent-statements.js';
import type { GrantRecorder } from '../../../gateway/grant-recorder.js';
import type { SessionLocks } from '../locks/lock-watch.js';
import type { StatementJudge } from '../judge/judgement.js';
import type { SessionPeers } from './session-kill.js';
import type { Rehearser } from '../rehearsal/rehearser.js';
import type { OperationGate } from '../../../gateway/operation-gate.js';
import type { GatedStatement, SessionStatement } from '../held/gated-statement.js';
import type { SessionDoor } from '../held/session-door.js';
import type { XaMemory } from './xa/xa-memory.js';

export interface SessionOptions {
  readonly number: number;
  readonly client: Socket;
  readonly target: Socket;
  readonly targetThread: number;
  /** The id with which the client was greeted. */
  readonly connectionId: number;
  readonly peers: SessionPeers;
  readonly capabilities: number;
  readonly dialect: Omit<SqlDialect, 'sqlMode'>;
  readonly database: string | null;
  readonly deadlineMs: number;
  readonly recorder: GrantRecorder;
  /** Of the whole grant. */
  readonly recent: RecentStatements;
  readonly judge: StatementJudge;
  readonly gate: Pick<OperationGate, 'admit'>;
  /** Makes of a statement what its grant's gate takes. */
  readonly hold: (statement: SessionStatement) => GatedStatement;
  readonly door: Pick<SessionDoor, 'epoch' | 'mustWait' | 'openToEnter'>;
  /** Looks whether others wait for what its transactions have locked. */
  readonly locks: SessionLocks;
  /** Keeps in mind what the end of the grant has to roll back. */
  readonly xa: Pick<XaMemory, 'note'>;
  readonly rehearser: Pick<Rehearser, 'rehearse'>;
  /** The door's epoch in which the target leg logged in. */
  readonly epoch: number;
  readonly clock: Clock;
  readonly limits: Pick<SessionLimits, 'commandBytesMax' | 'pipelinedBytesMax'>;
  /** Told of all that comes from either side. */
  readonly poll: Pick<BusyPoll, 'arrived'>;
  readonly sockets: SocketWay;
  /** The target sent what the protocol does not know, or asked the client for a file: somebody should look at it. */
  readonly onViolation: (session: number, detail: string | undefined) => void;
  /** Ends the statement that runs at the target now. */
  readonly killRunning: (thread: number) => Promise<void>;
}
