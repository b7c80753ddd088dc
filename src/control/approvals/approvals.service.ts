import { Inject, Injectable } from '@nestjs/common';
import type {
  ApprovalListQuery,
  ApprovalQuery,
  ApprovalSummaryView,
  ApprovalView,
  DecisionRequest,
} from '../../contracts/approval.js';
import { type Page, pageOf } from '../../contracts/page.js';
import { signInText } from '../../domain/identity/sign-in.js';
import { approvalIdOf, grantIdOf } from '../../domain/ids.js';
import type { ApprovalId } from '../../kernel/brand.js';
import type { Clock } from '../../kernel/clock.js';
import { BrokerError } from '../../kernel/errors.js';
import {
  ApprovalRepository,
  type DecisionOrder,
  type Decided,
  type DecisionOutcome,
} from '../../persistence/approvals/approval.repository.js';
import { ApiKeyRepository } from '../../persistence/identity/api-key.repository.js';
import type { ApprovalRow } from '../../persistence/entities/approval.js';
import { ApprovedGrants } from '../grants/approved-grants.js';
import { GrantSignals } from '../../messaging/grant-signals.js';
import { apiKeyOf, type Caller, seesOwnOnly } from '../http/access.js';
import { ChangeWatch } from '../../messaging/change-watch.js';
import { KnownProtocols } from '../modules/known-protocols.js';
import { CLOCK } from '../modules/tokens.js';
import { ApprovalSignals } from '../../messaging/approval-signals.js';
import { type AdminNote, AdminRecord } from '../record/admin-record.js';
import { approvalSummaryOf, approvalViewOf, newKeyViewOf } from './approval-view.js';

const MS_PER_SECOND = 1000;
/** A week: a person who decides seldom sees it all the same. */
const NEW_KEYS_SHOWN_MS = 7 * 86_400_000;

/** Looking at approvals and deciding them. An agent meets those of its own grants only. */
@Injectable()
export class ApprovalsService {
  constructor(
    private readonly approvals: ApprovalRepository,
    private readonly keys: ApiKeyRepository,
    private readonly watch: ChangeWatch,
    private readonly signals: ApprovalSignals,
    private readonly grantSignals: GrantSignals,
    private readonly approved: ApprovedGrants,
    private readonly protocols: KnownProtocols,
    private readonly record: AdminRecord,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async list(caller: Caller, query: ApprovalListQuery): Promise<Page<ApprovalSummaryView>> {
    const rows = await this.approvals.list({
      principalId: seesOwnOnly(caller) ? caller.id : undefined,
      state: query.state,
      kind: query.kind,
      targetName: query.target,
      grantId: query.grant === undefined ? undefined : grantIdOf(query.grant),
      before: query.cursor,
      limit: query.limit + 1,
    });
    const look = { viewer: caller, nowMs: this.clock.nowMs(), protocols: this.protocols };
    return pageOf(
      rows.map((row) => approvalSummaryOf(row, look)),
      query.limit,
      ({ id }) => id,
    );
  }

  /** The approval; with `wait`, when it waits for people, once it has changed or the time is up. */
  async look(caller: Caller, id: string, { wait }: ApprovalQuery, gone: AbortSignal): Promise<ApprovalView> {
    const approvalId = approvalIdOf(id);
    let first: number | undefined;
    const row = await this.watch.until(approvalId, {
      look: async () => {
        const seen = await this.#find(caller, approvalId);
        first ??= seen.revision;
        return seen;
      },
      isOver: ({ state, revision }) => state !== 'pending' || revision !== first,
      waitMs: wait * MS_PER_SECOND,
      gone,
    });
    return this.#view(row, caller);
  }

  /** @throws BrokerError as {@link ApprovalRepository.decide}, and `protocol_unknown` */
  async decide(caller: Caller, id: string, { decision, reason, scope }: DecisionRequest): Promise<ApprovalView> {
    const approvalId = approvalIdOf(id);
    const asked = await this.#find(caller, approvalId);
    // Nobody approves what this build cannot show; to deny it is safe.
    const protocol = decision === 'approve' ? this.protocols.named(asked.protocol) : undefined;
    const order = {
      id: approvalId,
      decider: caller,
      decidedWith: signInText(caller.signIn),
      decision,
      reason: reason ?? null,
      scope: scope ?? null,
      whyNoRowLimit: protocol?.approvals.whyNoRowLimit(asked.summary) ?? null,
    };
    const outcome = await this.record.together(async (at) => {
      const decided = await at.of(ApprovalRepository).decide(order);
      return { result: decided, note: decisionNote(asked, { ...order, by: caller }, decided.state) };
    });
    this.#tell(outcome); // first of all: somebody's statement is held
    return this.#view(await this.#find(caller, approvalId), caller);
  }

  #tell({ id, state, requested }: DecisionOutcome): void {
    this.signals.changed(id, state);
    if (state === 'pending') return this.signals.updated(id);
    this.signals.settled(id);
    if (requested === null) return;
    if (state === 'approved') this.approved.openNow(requested.id, requested.ttlSeconds * MS_PER_SECOND);
    else this.grantSignals.changed(requested.id, 'refused');
  }

  async #find(caller: Caller, id: ApprovalId): Promise<Decided<ApprovalRow>> {
    const row = await this.approvals.find(id);
    if (row === undefined || (seesOwnOnly(caller) && row.principalId !== caller.id)) {
      throw new BrokerError('approval_not_found');
    }
    return row;
  }

  /** With the keys that others made for the viewer lately: a person who decides learns that somebody else could do so in their name. */
  async #view(row: Decided<ApprovalRow>, viewer: Caller): Promise<ApprovalView> {
    const nowMs = this.clock.nowMs();
    const made = viewer.permissions.has('approval.decide')
      ? await this.keys.madeByOthers(viewer.id, nowMs - NEW_KEYS_SHOWN_MS)
      : [];
    const newKeys = made.filter(({ id }) => id !== apiKeyOf(viewer)).map(newKeyViewOf);
    const view = { ...approvalViewOf(row, { viewer, nowMs, protocols: this.protocols }), newKeys };
    if (view.preview.state === 'ready') await this.record.noteLook(previewNote(row, viewer));
    return view;
  }
}

/** What was asked is named, not told: a statement's text may hold what no entry may have. */
function decisionNote(
  asked: ApprovalRow,
  { by, decision, scope, reason: why }: { readonly by: Caller } & Pick<DecisionOrder, 'decision' | 'scope' | 'reason'>,
  state: ApprovalRow['state'],
): AdminNote {
  return {
    act: 'approval.decided',
    by,
    subject: { kind: 'approval', name: asked.id },
    before: { state: asked.state, ...placeOf(asked) },
    after: { state, decision, scope },
    why,
  };
}

function previewNote(row: ApprovalRow, by: Caller): AdminNote {
  return { act: 'approval.preview-seen', by, subject: { kind: 'approval', name: row.id }, after: placeOf(row) };
}

function placeOf({ kind, grantId, principalName, targetName }: ApprovalRow) {
  return { kind, grant: grantId, principal: principalName, target: targetName };
}
