import type { DataSource } from 'typeorm';
import type { HoldTerms } from '../domain/approval.js';
import { newApprovalId } from '../domain/ids.js';
import { type ApprovalHead, grantSummary, insertApproval } from './approval-asking.js';
import { grantEntity } from './entities/grant.js';
import type { NewGrant } from './new-grant.js';
import { inTransaction } from './transaction.js';

const MS_PER_SECOND = 1000;

export interface GrantQuestion {
  readonly why: string;
  readonly policies: readonly string[];
  readonly terms: HoldTerms;
}

/** Stores a requested grant together with the question about it: no gateway may take it before people approve. */
export async function insertHeldGrant(
  dataSource: DataSource,
  grant: NewGrant,
  question: GrantQuestion,
): Promise<ApprovalHead> {
  const approvalId = newApprovalId();
  const holdMs = question.terms.holdSeconds * MS_PER_SECOND;
  return inTransaction(dataSource, async (manager) => {
    await manager
      .createQueryBuilder()
      .insert()
      .into(grantEntity)
      .values({
        ...grant,
        state: 'requested',
        approvalId,
        // The approval sets it anew; until then it only says when all of this is over at the latest.
        deadlineAtMs: grant.deadlineAtMs + holdMs,
        // Nobody is shown this password: the connection is fetched later, with another one.
        nativeHash: null,
        cachingSha2Hash: null,
      })
      .updateEntity(false)
      .execute();
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
