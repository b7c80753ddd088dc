import { newPrincipalId } from '../../../src/domain/ids.js';
import type { PrincipalId } from '../../../src/kernel/brand.js';
import { identityProviderEntity } from '../../../src/persistence/entities/identity/identity-provider.js';
import {
  MADE_BY_OPERATOR,
  principalEntity,
  type PrincipalRow,
} from '../../../src/persistence/entities/identity/principal.js';
import { PrincipalRepository } from '../../../src/persistence/identity/principal.repository.js';
import type { StateSource } from '../../../src/persistence/state/data-source.js';

/** The identity provider of the people that a test makes up. */
export const CORP = 'corp';

/** An identity provider as a state database has it; nobody can sign in with it. */
export async function insertProvider(source: StateSource, name = CORP): Promise<void> {
  const nowMs = Date.now();
  await source.query(
    `INSERT INTO identity_providers (name, kind, purposes, settings, revision, created_at, changed_at, changed_by)
     VALUES (?, 'oidc', '["people"]', '{}', 1, ?, ?, 'test')`,
    [name, nowMs, nowMs],
  );
}

/** The provider is deleted, as an operator does it. */
export async function deleteProvider(source: StateSource, name = CORP): Promise<void> {
  await source.getRepository(identityProviderEntity).update({ name }, { deletedAtMs: Date.now() });
}

/** Somebody whom the provider has brought, by default an approver with a verified address who signed in just now. */
export async function bringPerson(
  source: StateSource,
  email: string | null,
  changed: Partial<PrincipalRow> = {},
): Promise<PrincipalId> {
  const row = personRow(email, changed);
  await new PrincipalRepository(source).insert(row);
  return row.id;
}

/** The same of many at once. */
export async function bringPeople(source: StateSource, emails: readonly string[]): Promise<readonly PrincipalId[]> {
  const rows = emails.map((email) => personRow(email, {}));
  const written = rows.map((row) => ({ ...row, roles: [...row.roles], groups: [...row.groups], mappedGroups: [] }));
  await source.getRepository(principalEntity).insert(written);
  return rows.map(({ id }) => id);
}

function personRow(email: string | null, changed: Partial<PrincipalRow>): PrincipalRow {
  const id = newPrincipalId();
  const nowMs = Date.now();
  return {
    ...MADE_BY_OPERATOR,
    id,
    name: `${CORP}:${email ?? id}`,
    kind: 'user',
    roles: ['approver'],
    groups: [],
    provider: CORP,
    email,
    mappedGroups: [],
    signedInAtMs: nowMs,
    createdAtMs: nowMs,
    disabledAtMs: null,
    ...changed,
  };
}

export async function changePerson(
  source: StateSource,
  id: PrincipalId,
  changed: Partial<PrincipalRow>,
): Promise<void> {
  await source.getRepository(principalEntity).update({ id }, changed);
}
