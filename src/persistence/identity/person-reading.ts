import { type Person, personBehind } from '../../domain/identity/person.js';
import { atState } from '../state/at-state.js';
import { identityEntity } from '../entities/identity/identity.js';
import type { StateAccess } from '../state/state-transaction.js';
import { principalEntity } from '../entities/identity/principal.js';

/** One principal of a person, with one of the identities that sign in as it, where there is any. */
interface PrincipalWithIdentity {
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
  readonly subject: string | null;
  readonly identityEmail: string | null;
}

/** The person who has this principal, and all others with that person's id. */
export async function personWith(
  at: StateAccess,
  { id, name }: { readonly id: string; readonly name: string },
  personId: string,
): Promise<Person> {
  const rows = await atState(() =>
    at
      .createQueryBuilder(principalEntity, 'principal')
      .select('principal.id', 'id')
      .addSelect('principal.name', 'name')
      .addSelect('principal.email', 'email')
      .addSelect('identity.subject', 'subject')
      .addSelect('identity.email', 'identityEmail')
      .leftJoin(identityEntity.options.name, 'identity', 'identity.principal_id = principal.id')
      .where('principal.id = :personId OR principal.person_id = :personId', { personId })
      .getRawMany<PrincipalWithIdentity>(),
  );
  const identities = rows.flatMap(({ subject, identityEmail: email }) =>
    subject === null ? [] : [{ subject, email }],
  );
  return personBehind([{ id, name, email: null }, ...rows], identities);
}
