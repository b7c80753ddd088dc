import { Injectable } from '@nestjs/common';
import type { ApprovalView } from '../../contracts/approvals/approval.js';
import { ApprovalRepository, type Decided } from '../../persistence/approvals/approval.repository.js';
import type { ApprovalRow } from '../../persistence/entities/approvals/approval.js';
import type { GrantRow } from '../../persistence/entities/grants/grant.js';
import { GrantRepository } from '../../persistence/grants/grant.repository.js';
import { TargetRepository } from '../../persistence/targets/target.repository.js';
import { StatementRows } from '../../persistence/statements/statement-rows.js';
import { GrantDetails } from '../grants/grant-details.js';
import { timeOf, timeOrNull } from '../http/time.js';
import { excerptOf, viewsOf } from './approval-view.js';
import { GroupSizes } from './group-sizes.js';
import type { Look } from './look.js';
import { PolicyTexts } from './policy-texts.js';
import { ranViewsOf } from './ran-views.js';
import { shownValue } from './shown-value.js';
import { targetLabelsOf } from './target-labels.js';
import { toldViewsOf } from './told-views.js';

const EARLIER_MAX = 20;
const GRANTS_COMPARED = 20;

/** What people are told of an approval besides its row: what came before it, what asked, and what the agent is told. */
@Injectable()
export class ApprovalDetails {
  constructor(
    private readonly approvals: ApprovalRepository,
    private readonly grants: GrantRepository,
    private readonly grantDetails: GrantDetails,
    private readonly policyTexts: PolicyTexts,
    private readonly statements: StatementRows,
    private readonly groupSizes: GroupSizes,
    private readonly targets: TargetRepository,
  ) {}

  async of(row: Decided<ApprovalRow>, view: ApprovalView, look: Look): Promise<ApprovalView> {
    const grant = await this.grants.find(row.grantId);
    const mayReadPolicies = look.viewer?.permissions.has('policy.read') === true;
    const [earlier, policyTexts, request, ran, groupMembers, targetLabels] = await Promise.all([
      this.#earlier(row, look),
      mayReadPolicies ? this.policyTexts.of(row) : null,
      this.#request(view.request, grant, look),
      view.preview.state === 'hidden' || row.kind !== 'statement' ? null : ranViewsOf(row, this.statements),
      this.groupSizes.of(view.approvers),
      targetLabelsOf(row, this.targets),
    ]);
    const texts = policyTexts === null ? null : [...policyTexts];
    return {
      ...view,
      told: [...toldViewsOf(row, grant)],
      earlier,
      policyTexts: texts,
      request,
      ran,
      groupMembers: [...groupMembers],
      targetLabels,
    };
  }

  async #earlier(row: Decided<ApprovalRow>, look: Look): Promise<ApprovalView['earlier']> {
    const found = await this.approvals.list({ grantId: row.grantId, before: row.id, limit: EARLIER_MAX + 1 });
    const views = viewsOf(row, look);
    const isAlike = ({ kind, summary }: Decided): boolean =>
      kind === 'statement' && row.kind === 'statement' && views?.isAlike(row.summary, summary) === true;
    const items = found.slice(0, EARLIER_MAX).map((other) => ({
      id: other.id,
      state: other.state,
      kind: other.kind,
      excerpt: excerptOf(other.summary, views, look.viewer),
      askedAt: timeOf(other.askedAtMs),
      settledAt: timeOrNull(other.settledAtMs),
      isAlike: isAlike(other),
    }));
    const alike = found.find(isAlike);
    const difference = alike === undefined ? null : await this.#difference(row, alike.id, look);
    return { items, more: found.length > EARLIER_MAX, difference };
  }

  async #difference(
    row: ApprovalRow,
    alike: ApprovalRow['id'],
    look: Look,
  ): Promise<ApprovalView['earlier']['difference']> {
    const earlier = await this.approvals.find(alike);
    const parts = earlier && viewsOf(row, look)?.difference(row.question, earlier.question);
    return parts === undefined ? null : { approval: alike, parts: parts === null ? null : [...parts] };
  }

  /** Of a requested grant: what of its access is new, and what its statements would meet. */
  async #request(
    request: ApprovalView['request'],
    grant: GrantRow | undefined,
    look: Look,
  ): Promise<ApprovalView['request']> {
    if (request === null || grant === undefined) return request;
    const { principalId, targetName, id, access } = grant;
    const rules = look.protocols.find(grant.protocol)?.grants;
    const others = await this.grants.list({
      principalId,
      targetName,
      recorded: true,
      before: id,
      limit: GRANTS_COMPARED,
    });
    const beyond = rules?.beyond(
      access,
      others.map((other) => other.access),
    );
    const newAccess = beyond && { access: beyond.map(shownValue), comparedWith: others.length };
    const isOpen = grant.state === 'requested' && grant.gatewayId === null;
    const outlook = isOpen ? await this.grantDetails.outlook(grant) : null;
    return { ...request, newAccess: newAccess ?? null, outlook };
  }
}
