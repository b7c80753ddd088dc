import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import type {
  PolicyCheckView,
  PolicyDraft,
  PolicySummaryView,
  PolicyWarningView,
} from '../../contracts/policies/policy.js';
import { BrokerError } from '../../kernel/errors.js';
import type { PolicyRow } from '../../persistence/entities/policy.js';
import { type StoredPolicies } from '../../persistence/policies/policy.repository.js';
import { assertNewPolicy, compilePolicies, type NamedPolicyText, type PolicySet } from '../../policy/policy-set.js';
import { policyWarnings } from '../../policy/policy-warnings.js';
import type { PolicyVocabulary } from '../../policy/vocabulary.js';
import { type TargetProtocol, vocabulariesOf } from '../../protocol/target-protocol.js';
import { PROTOCOLS } from '../modules/tokens.js';

const POLICIES_MAX = 100;
/** Of all texts together: every gateway compiles them between two statements, at some 4 ms for each thousand. */
const CHARACTERS_MAX = 131_072;

type Problem = NonNullable<PolicySummaryView['problem']>;

/** The policies as they would be with a draft among them. */
export interface DraftedPolicies {
  readonly policies: PolicySet;
  readonly warnings: readonly PolicyWarningView[];
}

/** What is wrong with policies, or worth a second look: of those that are stored, and of texts that are not. */
@Injectable()
export class PolicyChecks {
  readonly #vocabularies: readonly PolicyVocabulary[];
  /** By name, for the revision at which it was looked at. */
  readonly #problems = new Map<string, { readonly revision: number; readonly problem: Problem | null }>();

  constructor(@Inject(PROTOCOLS) protocols: readonly TargetProtocol[]) {
    this.#vocabularies = vocabulariesOf(protocols);
  }

  /** What of a stored text this version of the broker does not take; null when nothing. */
  problemOf({ name, text, revision }: PolicyRow): Problem | null {
    const known = this.#problems.get(name);
    if (known?.revision === revision) return known.problem;
    if (this.#problems.size >= POLICIES_MAX) this.#problems.clear();
    const problem = this.#findProblem({ name, text });
    this.#problems.set(name, { revision, problem });
    return problem;
  }

  /** What the policy says that its author should look at again; nothing of one that is not valid. */
  warningsOf(policy: NamedPolicyText, stored: StoredPolicies): readonly PolicyWarningView[] {
    try {
      return policyWarnings(policy, without(stored, policy.name), this.#vocabularies);
    } catch (error) {
      if (error instanceof BrokerError && error.code === 'policy_invalid') return [];
      throw error;
    }
  }

  /**
   * All policies with a draft in the place of its name.
   * @throws BrokerError `policy_invalid`, as when the draft were stored
   */
  withDraft({ name, text }: PolicyDraft, stored: StoredPolicies): DraftedPolicies {
    const others = without(stored, name);
    if (text === null) return { policies: compilePolicies(others, this.#vocabularies), warnings: [] };
    const all = [...others, { name, text }];
    assertSize(all);
    assertNewPolicy({ name, text }, this.#vocabularies);
    const policies = compilePolicies(all, this.#vocabularies);
    return { policies, warnings: policyWarnings({ name, text }, others, this.#vocabularies) };
  }

  /** What is wrong with a draft, in words; otherwise what is worth a second look. */
  check(draft: PolicyDraft, stored: StoredPolicies): PolicyCheckView {
    try {
      return { problem: null, warnings: this.withDraft(draft, stored).warnings };
    } catch (error) {
      return { problem: { policy: draft.name, ...problemIn(error) }, warnings: [] };
    }
  }

  #findProblem(policy: NamedPolicyText): Problem | null {
    try {
      compilePolicies([policy], this.#vocabularies);
      return null;
    } catch (error) {
      const { line, column, reason } = problemIn(error);
      return { line, column, reason };
    }
  }
}

const faultFields = z.object({ policy: z.string(), line: z.int(), column: z.int(), reason: z.string() }).partial();

/** What is wrong as a whole, such as the size of all policies, stands at the beginning. */
function problemIn(error: unknown): Problem & { readonly policy?: string } {
  if (!(error instanceof BrokerError) || error.code !== 'policy_invalid') throw error;
  const { line = 1, column = 1, reason = error.detail ?? error.row.title, policy } = faultFields.parse(error.fields);
  return { line, column, reason, ...(policy === undefined ? {} : { policy }) };
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
