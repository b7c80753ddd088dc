import { systemClock } from '../../src/kernel/clock.js';
import type { StateSource } from '../../src/persistence/state/data-source.js';
import { DEFAULT_POLICY_NAME } from '../../src/protocols/sql/policy/default-bundle.js';
import { PolicyRepository } from '../../src/persistence/policies/policy.repository.js';

/** For tests of everything but policies: whatever a grant may have may run. */
export const ALLOW_EVERYTHING = 'permit (principal, action, resource);';

/** Puts a text in place of the default policies, before any process of the broker runs. */
export async function replaceDefaultPolicies(source: StateSource, text: string): Promise<void> {
  const policies = new PolicyRepository(source);
  const change = { name: DEFAULT_POLICY_NAME, text, by: null, atMs: systemClock.nowMs(), reason: null };
  const revision = await policies.change(await policies.revision(), change);
  if (revision === undefined) throw new Error('The policies were changed by someone else.');
}
