import { Inject, Injectable } from '@nestjs/common';
import type {
  PolicyCheckView,
  PolicyDeleteQuery,
  PolicyDraft,
  PolicyList,
  PolicyRequest,
  PolicyVersionPage,
  PolicyVersionsQuery,
  PolicyView,
} from '../../contracts/policies/policy.js';
import type { Clock } from '../../kernel/clock.js';
import { BrokerError } from '../../kernel/errors.js';
import { PolicyRepository, type StoredPolicies } from '../../persistence/policies/policy.repository.js';
import { policyVersionOf } from '../../policy/policy-set.js';
import type { Caller } from '../http/access.js';
import { CLOCK } from '../modules/tokens.js';
import { AdminRecord } from '../record/admin-record.js';
import { DecidedStatements } from './decided-statements.js';
import { PolicyChecks } from './policy-checks.js';
import { PolicySignals } from './policy-signals.js';
import { policySummaryOf, policyVersionViewOf, policyViewOf } from './policy-view.js';
import { recordedPolicy } from './recorded-policy.js';

/** Who changes a policy, and why. */
interface Author {
  readonly caller: Caller;
  readonly reason: string | undefined;
}

/** Policies: changed one at a time, and only when all of them together are valid. */
@Injectable()
export class PoliciesService {
  constructor(
    private readonly policies: PolicyRepository,
    private readonly checks: PolicyChecks,
    private readonly decided: DecidedStatements,
    private readonly signals: PolicySignals,
    private readonly record: AdminRecord,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async list(): Promise<PolicyList> {
    const { revision, policies } = await this.policies.read();
    const decided = await this.decided.lastWeek();
    const items = policies.map((row) =>
      policySummaryOf(row, { problem: this.checks.problemOf(row), decided: decided(row.name) }),
    );
    return { items, next: null, revision, version: policyVersionOf(policies) };
  }

  async find(name: string): Promise<PolicyView> {
    const stored = await this.policies.read();
    const row = stored.policies.find((policy) => policy.name === name);
    if (row === undefined) throw new BrokerError('policy_not_found');
    const warnings = this.checks.warningsOf(row, stored);
    const decided = await this.decided.lastWeek();
    return policyViewOf(row, { problem: this.checks.problemOf(row), decided: decided(name), warnings });
  }

  /** What `put` would say of it; nothing is stored. */
  async check(draft: PolicyDraft): Promise<PolicyCheckView> {
    return this.checks.check(draft, await this.policies.read());
  }

  async versions(name: string, { limit, cursor }: PolicyVersionsQuery): Promise<PolicyVersionPage> {
    const rows = await this.policies.versions(name, { before: cursor, limit: limit + 1 });
    if (rows.length === 0 && cursor === undefined) throw new BrokerError('policy_not_found');
    const shown = rows.slice(0, limit);
    return {
      items: shown.map(policyVersionViewOf),
      next: rows.length > limit ? (shown.at(-1)?.revision ?? null) : null,
    };
  }

  /** @throws BrokerError `policy_invalid`, `policy_changed` */
  async put(caller: Caller, name: string, { text, revision, reason }: PolicyRequest): Promise<PolicyView> {
    const stored = await this.policies.read();
    assertRevision(stored, name, revision);
    const { warnings } = this.checks.withDraft({ name, text }, stored);
    const atMs = this.clock.nowMs();
    const next = await this.#change(stored, { name, text, atMs }, { caller, reason });
    const row = { name, text, revision: next, updatedBy: caller.name, updatedAtMs: atMs };
    const decided = await this.decided.lastWeek();
    return policyViewOf(row, { problem: null, decided: decided(name), warnings });
  }

  /** @throws BrokerError `policy_not_found`, `policy_changed` */
  async delete(caller: Caller, name: string, { revision, reason }: PolicyDeleteQuery): Promise<void> {
    const stored = await this.policies.read();
    if (!stored.policies.some((policy) => policy.name === name)) throw new BrokerError('policy_not_found');
    assertRevision(stored, name, revision);
    this.checks.withDraft({ name, text: null }, stored);
    await this.#change(stored, { name, text: null, atMs: this.clock.nowMs() }, { caller, reason });
  }

  /** Over the revision that was read and checked: of two who change anything at once one is told to look again. */
  async #change(
    { revision, policies }: StoredPolicies,
    { name, text, atMs }: PolicyDraft & { readonly atMs: number },
    { caller, reason }: Author,
  ): Promise<number> {
    const before = policies.find((policy) => policy.name === name);
    const next = await this.record.together(async (at) => {
      const change = { name, text, atMs, by: caller.name, reason: reason ?? null };
      const made = await at.of(PolicyRepository).change(revision, change);
      if (made === undefined) throw new BrokerError('policy_changed');
      const note = {
        act: text === null ? 'policy.deleted' : 'policy.put',
        by: caller,
        subject: { kind: 'policy', name },
        before: before === undefined ? null : recordedPolicy(before),
        after: text === null ? null : recordedPolicy({ text, revision: made }),
        why: reason ?? null,
      } as const;
      return { result: made, note };
    });
    this.signals.changed(next);
    return next;
  }
}

/** A change that says what it was made from is made from that only. */
function assertRevision({ policies }: StoredPolicies, name: string, revision: number | undefined): void {
  const current = policies.find((policy) => policy.name === name)?.revision ?? 0;
  if (revision === undefined || revision === current) return;
  throw new BrokerError('policy_changed', { detail: `Its revision is now ${current}.`, fields: { revision: current } });
}
