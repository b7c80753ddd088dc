import { Inject, Injectable } from '@nestjs/common';
import type {
  PolicyList,
  PolicyRequest,
  PolicyVersionPage,
  PolicyVersionsQuery,
  PolicyView,
} from '../../contracts/policy.js';
import type { Clock } from '../../kernel/clock.js';
import { BrokerError } from '../../kernel/errors.js';
import {
  type PolicyChange,
  PolicyRepository,
  type StoredPolicies,
} from '../../persistence/policies/policy.repository.js';
import { assertNewPolicy, compilePolicies, type NamedPolicyText, policyVersionOf } from '../../policy/policy-set.js';
import type { Caller } from '../http/access.js';
import { type TargetProtocol, vocabulariesOf } from '../../protocol/target-protocol.js';
import { CLOCK, PROTOCOLS } from '../modules/tokens.js';
import { AdminRecord } from '../record/admin-record.js';
import { recordedPolicy } from './recorded-policy.js';
import { PolicySignals } from './policy-signals.js';
import { policySummaryOf, policyVersionViewOf, policyViewOf } from './policy-view.js';

const POLICIES_MAX = 100;
/** Of all texts together: every gateway compiles them between two statements, at some 4 ms for each thousand. */
const CHARACTERS_MAX = 131_072;

/** Policies: changed one at a time, and only when all of them together are valid. */
@Injectable()
export class PoliciesService {
  constructor(
    private readonly policies: PolicyRepository,
    private readonly signals: PolicySignals,
    private readonly record: AdminRecord,
    @Inject(PROTOCOLS) private readonly protocols: readonly TargetProtocol[],
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async list(): Promise<PolicyList> {
    const { revision, policies } = await this.policies.read();
    return { items: policies.map(policySummaryOf), next: null, revision, version: policyVersionOf(policies) };
  }

  async find(name: string): Promise<PolicyView> {
    const row = await this.policies.find(name);
    if (row === undefined) throw new BrokerError('policy_not_found');
    return policyViewOf(row);
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
  async put(caller: Caller, name: string, { text, revision }: PolicyRequest): Promise<PolicyView> {
    const stored = await this.policies.read();
    assertRevision(stored, name, revision);
    const others = without(stored, name);
    assertSize([...others, { name, text }]);
    const vocabularies = vocabulariesOf(this.protocols);
    assertNewPolicy({ name, text }, vocabularies);
    compilePolicies([...others, { name, text }], vocabularies);
    const atMs = this.clock.nowMs();
    const next = await this.#change(stored, { name, text, atMs }, caller);
    return policyViewOf({ name, text, revision: next, updatedBy: caller.name, updatedAtMs: atMs });
  }

  /** @throws BrokerError `policy_not_found`, `policy_changed` */
  async delete(caller: Caller, name: string, revision: number | undefined): Promise<void> {
    const stored = await this.policies.read();
    if (!stored.policies.some((policy) => policy.name === name)) throw new BrokerError('policy_not_found');
    assertRevision(stored, name, revision);
    compilePolicies(without(stored, name), vocabulariesOf(this.protocols));
    await this.#change(stored, { name, text: null, atMs: this.clock.nowMs() }, caller);
  }

  /** Over the revision that was read and checked: of two who change anything at once one is told to look again. */
  async #change(
    { revision, policies }: StoredPolicies,
    change: Omit<PolicyChange, 'by'>,
    caller: Caller,
  ): Promise<number> {
    const { name, text } = change;
    const before = policies.find((policy) => policy.name === name);
    const next = await this.record.together(async (at) => {
      const made = await at.of(PolicyRepository).change(revision, { ...change, by: caller.name });
      if (made === undefined) throw new BrokerError('policy_changed');
      const note = {
        act: text === null ? 'policy.deleted' : 'policy.put',
        by: caller,
        subject: { kind: 'policy', name },
        before: before === undefined ? null : recordedPolicy(before),
        after: text === null ? null : recordedPolicy({ text, revision: made }),
      } as const;
      return { result: made, note };
    });
    this.signals.changed(next);
    return next;
  }
}

function without({ policies }: StoredPolicies, name: string): readonly NamedPolicyText[] {
  return policies.filter((policy) => policy.name !== name).map((policy) => ({ name: policy.name, text: policy.text }));
}

function assertSize(policies: readonly NamedPolicyText[]): void {
  if (policies.length > POLICIES_MAX) {
    throw new BrokerError('policy_invalid', { detail: `There can be at most ${POLICIES_MAX} policies.` });
  }
  const characters = policies.reduce((sum, { text }) => sum + text.length, 0);
  if (characters > CHARACTERS_MAX) {
    throw new BrokerError('policy_invalid', {
      detail: `All policies together would have ${characters} characters, and the limit is ${CHARACTERS_MAX}.`,
    });
  }
}

/** A change that says what it was made from is made from that only. */
function assertRevision({ policies }: StoredPolicies, name: string, revision: number | undefined): void {
  const current = policies.find((policy) => policy.name === name)?.revision ?? 0;
  if (revision === undefined || revision === current) return;
  throw new BrokerError('policy_changed', { detail: `Its revision is now ${current}.`, fields: { revision: current } });
}
