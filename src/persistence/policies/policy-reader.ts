import { compilePolicies, type PolicySet } from '../../policy/policy-set.js';
import type { PolicyVocabulary } from '../../policy/vocabulary.js';
import type { PolicyRepository } from './policy.repository.js';

interface Compiled {
  readonly revision: number;
  readonly policies: PolicySet;
}

/** The policies in force, compiled once for each change. */
export class PolicyReader {
  readonly #repository: Pick<PolicyRepository, 'revision' | 'read'>;
  readonly #vocabularies: readonly PolicyVocabulary[];
  #compiled: Compiled | undefined;

  constructor(repository: Pick<PolicyRepository, 'revision' | 'read'>, vocabularies: readonly PolicyVocabulary[]) {
    this.#repository = repository;
    this.#vocabularies = vocabularies;
  }

  /**
   * Asks the state database for the revision, and for the texts when it is another one.
   * @throws BrokerError `state_unavailable`, `policy_invalid` when what is stored does not fit this broker's schema
   */
  async read(): Promise<PolicySet> {
    const revision = await this.#repository.revision();
    if (this.#compiled?.revision === revision) return this.#compiled.policies;
    const stored = await this.#repository.read();
    const policies = compilePolicies(stored.policies, this.#vocabularies);
    // Of two reads at once the older one must not win.
    if (this.#compiled === undefined || this.#compiled.revision < stored.revision) {
      this.#compiled = { revision: stored.revision, policies };
    }
    return policies;
  }
}
