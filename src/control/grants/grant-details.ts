import { Injectable } from '@nestjs/common';
import type { GrantDetailView, GrantView } from '../../contracts/grants/grant.js';
import { isFinal } from '../../domain/grant.js';
import type { GrantRow } from '../../persistence/entities/grants/grant.js';
import { ApprovalRepository } from '../../persistence/approvals/approval.repository.js';
import { PolicyReader } from '../../persistence/policies/policy-reader.js';
import { TargetRepository } from '../../persistence/targets/target.repository.js';
import { timeOf } from '../http/time.js';
import { KnownProtocols } from '../modules/known-protocols.js';
import { outlookViewOf } from './outlook-view.js';

const WAITING_MAX = 20;

/** What is told of one grant besides its row: what its statements will meet, and what it waits for. */
@Injectable()
export class GrantDetails {
  constructor(
    private readonly policies: PolicyReader,
    private readonly targets: TargetRepository,
    private readonly approvals: ApprovalRepository,
    private readonly protocols: KnownProtocols,
  ) {}

  async of(grant: GrantRow, view: GrantView): Promise<GrantDetailView> {
    const isOver = isFinal(grant.state) || grant.state === 'closing';
    if (isOver) return { ...view, outlook: null, waiting: [] };
    const [outlook, waiting] = await Promise.all([this.outlook(grant), this.#waiting(grant)]);
    return { ...view, outlook, waiting };
  }

  /** What its statements will meet; null where nobody knows. */
  async outlook(grant: GrantRow): Promise<GrantDetailView['outlook']> {
    const [policies, target] = await Promise.all([this.policies.read(), this.targets.findByName(grant.targetName)]);
    const protocol = this.protocols.find(grant.protocol);
    if (!target?.report || protocol === undefined) return null;
    const subject = {
      principal: { id: grant.principalId, name: grant.principalName, kind: grant.principalKind },
      target: { name: target.name, labels: target.labels, flavour: target.report.flavour },
    };
    return outlookViewOf(protocol.policies.outlook({ policies, subject, access: grant.access }), grant.onHold);
  }

  async #waiting({ id }: GrantRow): Promise<GrantDetailView['waiting']> {
    const pending = await this.approvals.list({ grantId: id, state: 'pending', limit: WAITING_MAX });
    return pending.map(({ id: approval, kind, summary, askedAtMs, expiresAtMs }) => ({
      id: approval,
      kind,
      statementKind: summary.statementKind,
      askedAt: timeOf(askedAtMs),
      expiresAt: timeOf(expiresAtMs),
    }));
  }
}
