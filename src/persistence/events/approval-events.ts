import { type EntityManager, In } from 'typeorm';
import type { DecisionWord } from '../../domain/approval.js';
import type { EventType } from '../../domain/event.js';
import type { ApprovalId } from '../../kernel/brand.js';
import { approvalEntity, type ApprovalRow } from '../entities/approvals/approval.js';
import { appendEvents, eventTime, eventTimeOrNull } from './event-append.js';

/** What somebody has done that an event is about. */
export interface ApprovalAnswer {
  readonly by: string;
  readonly decision: DecisionWord | 'withdraw';
  readonly reason: string | null;
}

/** Writes events of approvals, in the transaction that has changed their rows. */
export async function noteApprovalEvents(
  manager: EntityManager,
  ids: readonly ApprovalId[],
  { type, answer = null }: { readonly type: EventType; readonly answer?: ApprovalAnswer | null },
): Promise<void> {
  if (ids.length === 0) return;
  const rows = await manager.getRepository(approvalEntity).find({ where: { id: In([...ids]) }, select: SELECTED });
  await appendEvents(
    manager,
    rows.map((row) => ({ type, data: { ...dataOf(row), answer } })),
  );
}

/** Writes the event of a question that was stored just now, as it was read again. */
export async function noteAskedEvent(manager: EntityManager, stored: ToldApproval): Promise<void> {
  await appendEvents(manager, [{ type: 'approval.asked', data: { ...dataOf(stored), answer: null } }]);
}

/** All but what may be large, and what may have a statement in it. */
const SELECTED = {
  id: true,
  kind: true,
  grantId: true,
  principalName: true,
  principalKind: true,
  sponsor: true,
  targetName: true,
  protocol: true,
  taskTitle: true,
  taskReference: true,
  state: true,
  revision: true,
  summary: true,
  askedAtMs: true,
  expiresAtMs: true,
  settledAtMs: true,
} as const;

type ToldApproval = Pick<ApprovalRow, keyof typeof SELECTED>;

function dataOf(row: ToldApproval): object {
  const { statementKind, action, database, inTransaction, why, policies, terms } = row.summary;
  return {
    approval: row.id,
    kind: row.kind,
    state: row.state,
    revision: row.revision,
    grant: row.grantId,
    principal: { name: row.principalName, kind: row.principalKind },
    sponsor: row.sponsor?.name ?? null,
    target: row.targetName,
    protocol: row.protocol,
    task: { title: row.taskTitle, reference: row.taskReference },
    operation: row.kind === 'grant' ? null : { kind: statementKind, action, database, inTransaction },
    why,
    policies,
    warning: terms.warning,
    approvers: terms.approvers,
    quorum: terms.quorum,
    askedAt: eventTime(row.askedAtMs),
    expiresAt: eventTime(row.expiresAtMs),
    settledAt: eventTimeOrNull(row.settledAtMs),
  };
}
