import { Inject, Injectable } from '@nestjs/common';
import type { ApprovalQuery, ApprovalView } from '../../contracts/approvals/approval.js';
import type { DecisionRequest } from '../../contracts/approvals/decision.js';
import { sessionOf, signInText } from '../../domain/identity/sign-in.js';
import type { ApprovalScope } from '../../domain/approval.js';
import { approvalIdOf } from '../../domain/ids.js';
import type { ApprovalId } from '../../kernel/brand.js';
import type { Clock } from '../../kernel/clock.js';
import { BrokerError } from '../../kernel/errors.js';
import {
  ApprovalRepository,
  type Decided,
  type DecisionOutcome,
} from '../../persistence/approvals/approval.repository.js';
import type { DecisionOrder } from '../../persistence/approvals/approval-decision.js';
import { ApiKeyRepository } from '../../persistence/identity/api-key.repository.js';
import type { ApprovalRow } from '../../persistence/entities/approvals/approval.js';
import type { StateTransaction } from '../../persistence/state/state-transaction.js';
import { ApprovedGrants } from '../grants/approved-grants.js';
import { GrantSignals } from '../../messaging/grant-signals.js';
import { apiKeyOf, type Caller, seesOwnOnly } from '../http/access.js';
import { ChangeWatch } from '../../messaging/change-watch.js';
import { KnownProtocols } from '../modules/known-protocols.js';
import { CLOCK } from '../modules/tokens.js';
import { ApprovalSignals } from '../../messaging/approval-signals.js';
import { type AdminNote, AdminRecord } from '../record/admin-record.js';
import { approvalViewOf, newKeyViewOf, offeredScopeOf } from './approval-view.js';
import { ApprovalDetails } from './approval-details.js';
import { placeOf } from './approval-place.js';
import { NewSignIn } from './new-sign-in.js';
import { ViewerLooks } from './viewer-looks.js';

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
    private readonly looks: ViewerLooks,
    private readonly details: ApprovalDetails,
    private readonly newSignIn: NewSignIn,
    private readonly protocols: KnownProtocols,
    private readonly record: AdminRecord,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The approval; with `wait`, when it waits for people, once it has changed since the call or `revision`, or the time is up. */
  async look(caller: Caller, id: string, query: ApprovalQuery, gone: AbortSignal): Promise<ApprovalView> {
    const approvalId = approvalIdOf(id);
    let first = query.revision;
    const row = await this.watch.until(approvalId, {
      look: async () => {
        const seen = await this.find(caller, approvalId);
        first ??= seen.revision;
        return seen;
      },
      isOver: ({ state, revision }) => state !== 'pending' || revision !== first,
      waitMs: query.wait * MS_PER_SECOND,
      gone,
    });
    return this.#view(row, caller);
  }

  /** @throws BrokerError as {@link ApprovalRepository.decide}, and `protocol_unknown` */
  async decide(caller: Caller, id: string, request: DecisionRequest): Promise<ApprovalView> {
    const approvalId = approvalIdOf(id);
    await this.decideTogether(caller, approvalId, request);
    return this.viewOf(caller, approvalId);
  }

  /**
   * As {@link decide}, and shows nothing. `also` is done in the same transaction, perhaps more than once: both happen, or
   * neither. @throws BrokerError as {@link decide}, and what `also` throws
   */
  async decideTogether(
    caller: Caller,
    approvalId: ApprovalId,
    { decision, reason, scope, revision }: DecisionRequest,
    also: (at: StateTransaction) => Promise<void> = async () => undefined,
  ): Promise<void> {
    const asked = await this.find(caller, approvalId);
    // Nobody approves what this build cannot show; to deny it is safe.
    const protocol = decision === 'approve' ? this.protocols.named(asked.protocol) : undefined;
    const order = {
      id: approvalId,
      decider: { ...caller, session: sessionOf(caller.signIn) },
      decidedWith: signInText(caller.signIn),
      decision,
      reason: reason ?? null,
      scope: scope ?? null,
      revision: revision ?? null,
      whyNoRowLimit: protocol?.approvals.whyNoRowLimit(asked.summary) ?? null,
    };
    const outcome = await this.#decided(asked, order, caller, also);
    this.#tell(outcome); // first of all: somebody's statement is held
  }

  async #decided(
    asked: ApprovalRow,
    order: DecisionOrder,
    by: Caller,
    also: (at: StateTransaction) => Promise<void>,
  ): Promise<DecisionOutcome> {
    try {
      return await this.record.together(async (at) => {
        const decided = await at.of(ApprovalRepository).decide(order);
        await also(at);
        return { result: decided, note: decisionNote(asked, { ...order, by }, decided.state) };
      });
    } catch (error) {
      throw await this.newSignIn.told(error, by, order.id);
    }
  }

  /** How far the question itself offers to approve it, as its page does; undefined: it has no scopes. */
  async offeredScope(caller: Caller, id: ApprovalId): Promise<ApprovalScope | undefined> {
    return offeredScopeOf(await this.find(caller, id)) ?? undefined;
  }

  /** As the broker itself sees it. @throws BrokerError `approval_not_found` */
  async questionOf(id: ApprovalId): Promise<ApprovalView> {
    const row = await this.approvals.find(id);
    if (row === undefined) throw new BrokerError('approval_not_found');
    return approvalViewOf(row, { viewer: null, person: null, nowMs: this.clock.nowMs(), protocols: this.protocols });
  }

  #tell({ id, state, requested }: DecisionOutcome): void {
    this.signals.changed(id, state);
    if (state === 'pending') return this.signals.updated(id);
    this.signals.settled(id);
    if (requested === null) return;
    if (state === 'approved') this.approved.openNow(requested.id, requested.ttlSeconds * MS_PER_SECOND);
    else this.grantSignals.changed(requested.id, 'refused');
  }

  /** As things are now. @throws BrokerError `approval_not_found` */
  async viewOf(caller: Caller, id: ApprovalId): Promise<ApprovalView> {
    return this.#view(await this.find(caller, id), caller);
  }

  /** @throws BrokerError `approval_not_found`, for an agent too when it is none of its own */
  async find(caller: Caller, id: ApprovalId): Promise<Decided<ApprovalRow>> {
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
      ? await this.keys.madeByOthers(viewer.id, { sinceMs: nowMs - NEW_KEYS_SHOWN_MS, nowMs })
      : [];
    const newKeys = made.filter(({ id }) => id !== apiKeyOf(viewer)).map(newKeyViewOf);
    const look = await this.looks.of(viewer);
    const details = await this.details.of(row, approvalViewOf(row, look), look);
    const isTooLongAgo = details.canDecide.code === 'reauthentication_required';
    const view = { ...details, newKeys, signIn: isTooLongAgo ? await this.newSignIn.pathFor(viewer, row.id) : null };
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
