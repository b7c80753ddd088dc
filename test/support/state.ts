import { makeApiKey } from '../../src/control/identity/api-key.js';
import { newPrincipalId } from '../../src/domain/ids.js';
import type { Role } from '../../src/domain/principal.js';
import { systemClock } from '../../src/kernel/clock.js';
import { ApiKeyRepository } from '../../src/persistence/identity/api-key.repository.js';
import { createStateSource, type StateSource } from '../../src/persistence/state/data-source.js';
import type { NamedPolicyText } from '../../src/policy/policy-parse.js';
import { PrincipalRepository } from '../../src/persistence/identity/principal.repository.js';
import { replaceDefaultPolicies } from './policies.js';
import { migrateOnce } from './state-copy.js';

/** A key for each role. */
export type Keys = Readonly<Record<Role, string>>;

/**
 * Brings a state database to what a broker of a test begins with: the schema, policies (`default`: those of a new
 * installation) and one principal with one key for each role. It does so without the programs that an installation uses:
 * each of them would start a process for every test file. They have tests of their own.
 */
export async function prepareState(url: string, policies: string, defaults: readonly NamedPolicyText[]): Promise<Keys> {
  const source = await createStateSource(url).initialize();
  try {
    await migrateOnce(source, defaults);
    if (policies !== 'default') await replaceDefaultPolicies(source, policies);
    const [operator, approver, reviewer, agent] = await Promise.all([
      makeKey(source, 'operator'),
      makeKey(source, 'approver'),
      makeKey(source, 'reviewer'),
      makeKey(source, 'agent'),
    ]);
    return { operator, approver, reviewer, agent };
  } finally {
    await source.destroy();
  }
}

async function makeKey(source: StateSource, role: Role): Promise<string> {
  const principalId = newPrincipalId();
  const createdAtMs = systemClock.nowMs();
  await new PrincipalRepository(source).insert({
    id: principalId,
    name: `test-${role}`,
    kind: role === 'agent' ? 'agent' : 'user',
    roles: [role],
    groups: [],
    createdAtMs,
    disabledAtMs: null,
  });
  const { id, key, hash } = makeApiKey();
  const unused = { label: null, lastUsedAtMs: null, revokedAtMs: null, madeBy: null, madeByName: null };
  await new ApiKeyRepository(source).insert({ id, principalId, hash, createdAtMs, ...unused });
  return key;
}
