import { Inject, Injectable } from '@nestjs/common';
import type { ApiConfig } from '../../config/api.js';
import type { ConnectionView, GrantOpenedView, GrantRequest, GrantRequestQuery } from '../../contracts/grants/grant.js';
import { assert, unreachable } from '../../kernel/assert.js';
import type { GrantId } from '../../kernel/brand.js';
import type { Clock } from '../../kernel/clock.js';
import type { PolicyVerdict } from '../../domain/verdict.js';
import { BrokerError } from '../../kernel/errors.js';
import type { ErrorCode } from '../../kernel/errors/error-table.js';
import { jobTimesOf } from '../../persistence/approvals/approval-asking.js';
import type { GrantRow } from '../../persistence/entities/grants/grant.js';
import { GrantRepository } from '../../persistence/grants/grant.repository.js';
import type { NewGrant } from '../../persistence/grants/new-grant.js';
import { TargetRepository } from '../../persistence/targets/target.repository.js';
import { type JobAnswer, jobAnswer } from '../../queue/jobs.js';
import { ApprovalSignals } from '../../messaging/approval-signals.js';
import { GrantRequestJudge } from '../policies/grant-request-judge.js';
import { type JobOutcome, Queues } from '../../messaging/queues.js';
import { KnownProtocols } from '../modules/known-protocols.js';
import { API_CONFIG, CLOCK } from '../modules/tokens.js';
import { type GrantAsk, planGrant } from './grant-plan.js';
import { GrantDetails } from './grant-details.js';
import { GrantSignals } from '../../messaging/grant-signals.js';
import { connectionViewOf, grantViewOf, type GrantRefusal, refusalOf } from './grant-view.js';

const MS_PER_SECOND = 1000;

/**
 * Opens grants, which only agents ask for: stores the request, asks for a gateway, and shows the connection when one took it
 * in time. What the policy holds is asked of people first, and opened when they have approved it.
 */
@Injectable()
export class GrantRequests {
  constructor(
    private readonly grants: GrantRepository,
    private readonly targets: TargetRepository,
    private readonly queues: Queues,
    private readonly signals: GrantSignals,
    private readonly approvals: ApprovalSignals,
    private readonly judge: GrantRequestJudge,
    private readonly details: GrantDetails,
    private readonly protocols: KnownProtocols,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(API_CONFIG) private readonly config: Pick<ApiConfig, 'OPEN_WAIT_SECONDS'>,
  ) {}

  /** @throws BrokerError; once the request is stored, with its id in `grantId` and the grant refused or closing */
  async request(
    requester: GrantAsk['requester'],
    request: GrantRequest,
    shown: GrantRequestQuery['connection'],
  ): Promise<GrantOpenedView> {
    const target = await this.targets.findByName(request.target);
    if (target === undefined) throw new BrokerError('target_not_found');
    const { grants: rules } = this.protocols.named(target.protocol);
    const { secret, verifier } = rules.newCredential();
    const grant = planGrant({ requester, target, rules, request, verifier, nowMs: this.clock.nowMs() });
    const verdict = await this.judge.judge(requester, target, grant);
    switch (verdict.verdict) {
      case 'allow':
        await this.grants.insert(grant);
        return this.#show(
          grant.id,
          shown === 'now' ? (row) => connectionViewOf(row, rules, secret) : null,
          await this.#open(grant),
        );
      case 'hold':
        return this.#hold(grant, verdict);
      case 'deny':
        throw new BrokerError('grant_request_denied', { detail: verdict.why, fields: { policies: verdict.policies } });
      default:
        return unreachable(verdict.verdict);
    }
  }

  /** People are asked; the caller waits with GET and fetches the connection once the grant is active. */
  async #hold(grant: NewGrant, { hold: terms, why, policies }: PolicyVerdict): Promise<GrantOpenedView> {
    assert(terms !== null, 'a verdict to hold has its terms');
    const approval = await this.grants.insertHeld(grant, { terms, why, policies });
    this.approvals.changed(approval.id, 'pending');
    this.approvals.asked(jobTimesOf(approval));
    const stored = await this.grants.find(grant.id);
    assert(stored !== undefined, 'a grant that was stored stays');
    return this.details.of(stored, grantViewOf(stored));
  }

  /**
   * Returns when the grant is active, was refused, or is taken by a gateway that is slow. What became of it says the state
   * database; the answer only why, where that says nothing.
   */
  async #open(grant: NewGrant): Promise<GrantRefusal | undefined> {
    const outcome = await this.#ask(grant);
    switch (outcome.kind) {
      case 'answered':
        if (outcome.answer.ok) return undefined;
        if (await this.#cancel(grant.id, outcome.answer.code)) throw refusalOf(outcome.answer, grant.id);
        return outcome.answer;
      case 'failed':
        await this.#abandon(grant.id, 'open_failed');
        throw new BrokerError('open_failed', { fields: { grantId: grant.id }, cause: new Error(outcome.reason) });
      case 'timeout':
        if (await this.#cancel(grant.id, 'gateway_unavailable')) {
          throw new BrokerError('gateway_unavailable', { fields: { grantId: grant.id } });
        }
        return undefined;
      default:
        return unreachable(outcome);
    }
  }

  async #ask({ id, deadlineAtMs, requestedAtMs }: NewGrant): Promise<JobOutcome<JobAnswer>> {
    try {
      const [outcome] = await Promise.all([
        this.queues.ask(
          { name: 'open', grantId: id },
          { answer: jobAnswer, waitMs: this.config.OPEN_WAIT_SECONDS * MS_PER_SECOND, jobId: `open-${id}` },
        ),
        this.queues.add(
          'worker',
          { name: 'expire', grantId: id },
          { jobId: `expire-${id}`, delayMs: deadlineAtMs - requestedAtMs },
        ),
      ]);
      return outcome;
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      await this.#abandon(id, error.code);
      throw new BrokerError(error.code, { fields: { grantId: id }, cause: error });
    }
  }

  /** Leaves nothing behind: what no gateway has taken is refused, what one has taken it ends. */
  async #abandon(id: GrantId, code: ErrorCode): Promise<void> {
    if (await this.#cancel(id, code)) return;
    if (await this.grants.close(id, 'failed', null, this.clock.nowMs())) this.signals.changed(id, 'closing');
  }

  async #cancel(id: GrantId, code: ErrorCode): Promise<boolean> {
    const cancelled = await this.grants.cancelUntaken(id, code);
    if (cancelled) this.signals.changed(id, 'refused');
    return cancelled;
  }

  /** `connectionOf`: null for a caller who fetches the connection later. */
  async #show(
    id: GrantId,
    connectionOf: ((grant: GrantRow) => ConnectionView) | null,
    failed: GrantRefusal | undefined,
  ): Promise<GrantOpenedView> {
    const isShown = connectionOf !== null && (await this.grants.takeConnection(id, this.clock.nowMs()));
    // What is not shown now is shown later, with another password.
    if (!isShown) await this.grants.clearVerifier(id);
    const grant = await this.grants.find(id);
    assert(grant !== undefined, 'a grant that was stored stays');
    if (grant.refuseCode !== null) throw refusalOf({ code: grant.refuseCode, detail: grant.refuseDetail }, id);
    if (failed !== undefined && grant.state !== 'active' && grant.state !== 'requested') throw refusalOf(failed, id);
    const view = await this.details.of(grant, grantViewOf(grant));
    return isShown ? { ...view, connection: connectionOf(grant) } : view;
  }
}
