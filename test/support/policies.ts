import { systemClock } from '../../src/kernel/clock.js';
import type { StateSource } from '../../src/persistence/state/data-source.js';
import type { NamedPolicyText } from '../../src/policy/policy-parse.js';
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

/** Makes the policies those that {@link replaceDefaultPolicies} and `default` mean, whatever they were; gives them. */
export async function setPolicies(
  source: StateSource,
  text: string,
  defaults: readonly NamedPolicyText[],
): Promise<readonly NamedPolicyText[]> {
  const policies = new PolicyRepository(source);
  const wanted = new Map(defaults.map((policy) => [policy.name, policy.text]));
  if (text !== 'default') wanted.set(DEFAULT_POLICY_NAME, text);
  const { revision, policies: stored } = await policies.read();
  const present = new Map(stored.map((policy) => [policy.name, policy.text]));
  let from = revision;
  for (const name of new Set([...present.keys(), ...wanted.keys()])) {
    if (present.get(name) === wanted.get(name)) continue;
    const change = { name, text: wanted.get(name) ?? null, by: null, atMs: systemClock.nowMs(), reason: null };
    const next = await policies.change(from, change);
    if (next === undefined) throw new Error('The policies were changed by someone else.');
    from = next;
  }
  return [...wanted].map(([name, own]) => ({ name, text: own }));
}
