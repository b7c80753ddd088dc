import { Injectable } from '@nestjs/common';
import type { ApprovalView } from '../../contracts/approvals/approval.js';
import type { WithdrawalRequest } from '../../contracts/approvals/decision.js';
import { signInText } from '../../domain/identity/sign-in.js';
import { approvalIdOf } from '../../domain/ids.js';
import { GrantSignals } from '../../messaging/grant-signals.js';
import { ApprovalSignals } from '../../messaging/approval-signals.js';
import { ApprovalRepository } from '../../persistence/approvals/approval.repository.js';
import type { Caller } from '../http/access.js';
import { AdminRecord } from '../record/admin-record.js';
import { placeOf } from './approval-place.js';
import { ApprovalsService } from './approvals.service.js';

/** Approvals that are taken back by those who gave them. */
@Injectable()
export class ApprovalWithdrawals {
  constructor(
    private readonly service: ApprovalsService,
    private readonly signals: ApprovalSignals,
    private readonly grantSignals: GrantSignals,
    private readonly record: AdminRecord,
  ) {}

  /** @throws BrokerError as {@link ApprovalRepository.withdraw} */
  async withdraw(caller: Caller, id: string, { reason, revision }: WithdrawalRequest): Promise<ApprovalView> {
    const approvalId = approvalIdOf(id);
    const asked = await this.service.find(caller, approvalId);
    const withdrawnWith = signInText(caller.signIn);
    const order = { id: approvalId, by: caller, withdrawnWith, reason, revision: revision ?? null };
    const state = await this.record.together(async (at) => {
      const result = await at.of(ApprovalRepository).withdraw(order);
      const note = {
        act: 'approval.withdrawn',
        by: caller,
        subject: { kind: 'approval', name: approvalId },
        before: { state: asked.state, ...placeOf(asked) },
        after: { state: result },
        why: reason,
      } as const;
      return { result, note };
    });
    this.signals.changed(approvalId, state); // first of all: somebody's statement may be about to run
    this.signals.updated(approvalId);
    if (asked.kind === 'grant' && state === 'withdrawn') this.grantSignals.changed(asked.grantId, 'refused');
    return this.service.viewOf(caller, approvalId);
  }
}
