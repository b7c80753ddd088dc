import { Injectable } from '@nestjs/common';
import type { ApprovalCounts, ApprovalListQuery, ApprovalSummaryView } from '../../contracts/approvals/approval.js';
import { type Page, pageOf } from '../../contracts/page.js';
import { grantIdOf } from '../../domain/ids.js';
import { type ApprovalFilter, ApprovalRepository } from '../../persistence/approvals/approval.repository.js';
import { PrincipalRepository } from '../../persistence/identity/principal.repository.js';
import { type Caller, seesOwnOnly } from '../http/access.js';
import { approvalSummaryOf, isDecidable } from './approval-view.js';
import type { Look } from './look.js';
import { ViewerLooks } from './viewer-looks.js';

/** Approvals that one call looks at to say what the caller can decide. */
const LOOKED_AT_MAX = 1_000;

/** Lists of approvals and their counts. An agent meets those of its own grants only. */
@Injectable()
export class ApprovalLists {
  constructor(
    private readonly approvals: ApprovalRepository,
    private readonly principals: PrincipalRepository,
    private readonly looks: ViewerLooks,
  ) {}

  async list(caller: Caller, query: ApprovalListQuery): Promise<Page<ApprovalSummaryView>> {
    const filter = await this.filterOf(caller, query);
    if (filter === undefined) return { items: [], next: null };
    const look = await this.looks.of(caller);
    if (query.decidable !== undefined) return this.#decidable(filter, look);
    const rows = await this.approvals.list({ ...filter, limit: query.limit + 1 });
    return pageOf(
      rows.map((row) => approvalSummaryOf(row, look)),
      query.limit,
      ({ id }) => id,
    );
  }

  /** Of so many and no more: whether somebody can decide is not for the database to say. */
  async counts(caller: Caller): Promise<ApprovalCounts> {
    const look = await this.looks.of(caller);
    const principalId = seesOwnOnly(caller) ? caller.id : undefined;
    const rows = await this.approvals.list({ principalId, state: 'pending', limit: LOOKED_AT_MAX + 1 });
    const pending = rows.slice(0, LOOKED_AT_MAX).filter(({ expiresAtMs }) => expiresAtMs > look.nowMs);
    const decidable = pending.filter((row) => isDecidable(row, look));
    return { pending: pending.length, decidable: decidable.length, more: rows.length > LOOKED_AT_MAX };
  }

  /** Undefined when nothing can meet it. */
  async filterOf(caller: Caller, query: ApprovalListQuery): Promise<ApprovalFilter | undefined> {
    const own = seesOwnOnly(caller) ? caller.id : undefined;
    const asker = query.principal === undefined ? undefined : await this.principals.findByName(query.principal);
    if (query.principal !== undefined && (asker === undefined || (own ?? asker.id) !== asker.id)) return undefined;
    const canWait = (query.state ?? 'pending') === 'pending' && query.settled === undefined;
    const isDecider = caller.permissions.has('approval.decide') && canWait;
    if (query.decidable !== undefined && !isDecider) return undefined;
    return {
      principalId: asker?.id ?? own,
      state: query.decidable === undefined ? query.state : 'pending',
      settled: query.settled !== undefined,
      kind: query.kind,
      targetName: query.target,
      grantId: query.grant === undefined ? undefined : grantIdOf(query.grant),
      fromMs: query.from === undefined ? undefined : Date.parse(query.from),
      toMs: query.to === undefined ? undefined : Date.parse(query.to),
      before: query.cursor,
      limit: query.limit,
    };
  }

  /** One page of what the viewer can decide. It ends early when so many were looked at. */
  async #decidable(filter: ApprovalFilter, look: Look): Promise<Page<ApprovalSummaryView>> {
    const rows = await this.approvals.list({ ...filter, limit: LOOKED_AT_MAX + 1 });
    const lookedAt = rows.slice(0, LOOKED_AT_MAX);
    const found = lookedAt.filter((row) => isDecidable(row, look));
    const items = found.slice(0, filter.limit).map((row) => approvalSummaryOf(row, look));
    if (found.length > filter.limit) return { items, next: items.at(-1)?.id ?? null };
    return { items, next: rows.length > LOOKED_AT_MAX ? (lookedAt.at(-1)?.id ?? null) : null };
  }
}
