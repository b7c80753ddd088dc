import type { DataSource } from 'typeorm';
import { APPROVAL_KINDS, type ApprovalKind } from '../../domain/approval.js';
import { atState } from './at-state.js';
import { NOW_MS_SQL } from './state-clock.js';

/** Things that wait, and for how long the oldest of them has; 0 where nothing waits. */
export interface Waiting {
  readonly count: number;
  readonly oldestSeconds: number;
}

/** What waits for people and for workers, whichever process looks. */
export interface Backlog {
  readonly questions: Readonly<Record<ApprovalKind, Waiting>>;
  /** Recordings of grants that have ended and are not sealed. */
  readonly unsealed: Waiting;
}

type Row = Readonly<Record<string, unknown>>;

const COUNTED = (time: string): string => `COUNT(*) AS waiting, MAX(${NOW_MS_SQL} - ${time}) AS oldest_ms`;

export class BacklogRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** @throws BrokerError `state_unavailable` */
  async look(): Promise<Backlog> {
    const [questions, unsealed]: readonly [readonly Row[], readonly Row[]] = await atState(() =>
      Promise.all([
        this.dataSource.query(
          `SELECT kind, ${COUNTED('asked_at')} FROM approvals
           WHERE state = 'pending' AND expires_at > ${NOW_MS_SQL} GROUP BY kind`,
        ),
        this.dataSource.query(
          `SELECT ${COUNTED('ended_at')} FROM grants WHERE state = 'closing' AND ended_at IS NOT NULL`,
        ),
      ]),
    );
    const [statement, grant] = APPROVAL_KINDS.map((kind) => waitingOf(questions.find((row) => row['kind'] === kind)));
    return { questions: { statement: statement ?? NONE, grant: grant ?? NONE }, unsealed: waitingOf(unsealed[0]) };
  }
}

const NONE: Waiting = { count: 0, oldestSeconds: 0 };

function waitingOf(row: Row | undefined): Waiting {
  if (row === undefined) return NONE;
  return { count: Number(row['waiting']), oldestSeconds: Math.max(0, Number(row['oldest_ms'] ?? 0)) / 1000 };
}
