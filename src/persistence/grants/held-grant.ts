import type { EntityManager } from 'typeorm';
import type { HoldTerms } from '../../domain/approval.js';
import { newApprovalId } from '../../domain/ids.js';
import { BrokerError } from '../../kernel/errors.js';
import { type ApprovalHead, grantSummary, insertApproval } from '../approvals/approval-asking.js';
import { approvalEntity } from '../entities/approvals/approval.js';
import { grantEntity } from '../entities/grants/grant.js';
import { noteRequestEvent } from '../events/grant-events.js';
import { principalEntity } from '../entities/identity/principal.js';
import type { NewGrant } from './new-grant.js';
import { NOW_MS_SQL } from '../state/state-clock.js';
import type { StateAccess } from '../state/state-transaction.js';
import { inTransaction } from '../state/transaction.js';

const MS_PER_SECOND = 1000;

export interface GrantQuestion {
  readonly why: string;
  readonly policies: readonly string[];
  readonly terms: HoldTerms;
}

/** Requests of one principal that may wait for people at the same time. */
export const HELD_GRANTS_MAX = 20;

/**
 * Stores a requested grant together with the question about it: no gateway may take it before people approve.
 * @throws BrokerError `approvals_over_limit`
 */
export async function insertHeldGrant(
  at: StateAccess,
  grant: NewGrant,
  question: GrantQuestion,
): Promise<ApprovalHead> {
  const approvalId = newApprovalId();
  const holdMs = question.terms.holdSeconds * MS_PER_SECOND;
  return inTransaction(at, async (manager) => {
    await requireRoom(manager, grant.principalId);
    const held = {
      ...grant,
      approvalId,
      // The approval sets it again; until then it only says when all of this is over at the latest.
      deadlineAtMs: grant.deadlineAtMs + holdMs,
      // Nobody is shown this password: the connection is fetched later, with another one.
      verifier: null,
    };
    await manager
      .createQueryBuilder()
      .insert()
      .into(grantEntity)
      .values({ ...held, state: 'requested' })
      .updateEntity(false)
      .execute();
    await noteRequestEvent(manager, held);
    const { access, ttlSeconds } = grant;
    return insertApproval(manager, {
      id: approvalId,
      grant,
      kind: 'grant',
      statementKey: null,
      shapeKey: null,
      summary: grantSummary(question),
      question: { kind: 'grant', access, ttlSeconds },
      holdMs,
    });
  });
}

/** The principal's row is locked until the transaction ends, so that its requests are counted one after the other. */
async function requireRoom(manager: EntityManager, principalId: string): Promise<void> {
  await manager
    .createQueryBuilder(principalEntity, 'principal')
    .select('principal.id')
    .setLock('pessimistic_write')
    .where('principal.id = :principalId', { principalId })
    .getOne();
  const waiting = await manager
    .createQueryBuilder(approvalEntity, 'approval')
    .where("approval.principalId = :principalId AND approval.kind = 'grant'", { principalId })
    .andWhere(`approval.state = 'pending' AND approval.expires_at > ${NOW_MS_SQL}`)
    .getCount();
  if (waiting >= HELD_GRANTS_MAX) {
    throw new BrokerError('approvals_over_limit', {
      detail: `At most ${HELD_GRANTS_MAX} requested grants may wait at the same time.`,
    });
  }
}
