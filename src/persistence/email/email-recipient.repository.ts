import type { SelectQueryBuilder } from 'typeorm';
import { type KnownIdentity, type Person, personBehind } from '../../domain/identity/person.js';
import { EMAIL_BY_DEFAULT } from '../../domain/notice-choice.js';
import { isAgent } from '../../domain/principal.js';
import type { PrincipalId } from '../../kernel/brand.js';
import { identityEntity } from '../entities/identity/identity.js';
import { identityProviderEntity } from '../entities/identity/identity-provider.js';
import { personOf, principalEntity, type PrincipalRow } from '../entities/identity/principal.js';
import { atState } from '../state/at-state.js';
import { NOW_MS_SQL } from '../state/state-clock.js';
import type { StateAccess } from '../state/state-transaction.js';
import { NoticeChoiceRepository } from './notice-choice.repository.js';

/** How many people are read at once. */
const PAGE_MAX = 200;

/** A principal by whom a person decides, as their identity provider last said. */
export type DecidingPrincipal = Pick<PrincipalRow, 'id' | 'kind' | 'roles' | 'groups'>;

/** A person who may be written to of what waits for them. */
export interface EmailRecipient {
  readonly personId: PrincipalId;
  readonly person: Person;
  /** Of the principal who signed in last; verified by its provider. */
  readonly address: string;
  readonly principals: readonly DecidingPrincipal[];
}

export interface RecipientPage {
  readonly recipients: readonly EmailRecipient[];
  /** From where to go on; undefined: these were the last. */
  readonly next: PrincipalId | undefined;
}

/**
 * The approvers who can be written to: their identity provider is in force, has verified their address and let them in
 * within so many milliseconds, nobody has disabled them, and they have not switched digests off.
 */
export class EmailRecipientRepository {
  constructor(private readonly dataSource: StateAccess) {}

  async list(signedInMs: number, after: PrincipalId | undefined): Promise<RecipientPage> {
    const persons = await this.#persons(signedInMs, after);
    if (persons.length === 0) return { recipients: [], next: undefined };
    const [able, members, choices] = await Promise.all([
      this.#able(signedInMs, persons),
      this.#membersOf(persons),
      new NoticeChoiceRepository(this.dataSource).emailsOf(persons),
    ]);
    const identities = await this.#identitiesOf(members);
    const wanting = persons.filter((personId) => (choices.get(personId) ?? EMAIL_BY_DEFAULT) === 'digest');
    const recipients = wanting.flatMap((personId) => {
      const isOwn = (row: PrincipalRow): boolean => personOf(row) === personId;
      return recipientOf(personId, { able: able.filter(isOwn), members: members.filter(isOwn), identities });
    });
    return { recipients, next: persons.length < PAGE_MAX ? undefined : persons.at(-1) };
  }

  async #persons(signedInMs: number, after: PrincipalId | undefined): Promise<readonly PrincipalId[]> {
    const found = await atState(() =>
      this.#writable(signedInMs)
        .select(`DISTINCT ${PERSON}`, 'personId')
        .andWhere(`${PERSON} > :after`, { after: after ?? '' })
        .orderBy('personId', 'ASC')
        .limit(PAGE_MAX)
        .getRawMany<{ personId: PrincipalId }>(),
    );
    return found.map(({ personId }) => personId);
  }

  /** Who signed in last comes first. */
  async #able(signedInMs: number, persons: readonly PrincipalId[]): Promise<readonly PrincipalRow[]> {
    const found = await atState(() =>
      this.#writable(signedInMs)
        .andWhere(`${PERSON} IN (:...persons)`, { persons })
        .orderBy('principal.signedInAtMs', 'DESC')
        .addOrderBy('principal.id', 'ASC')
        .getMany(),
    );
    return found.filter((row) => !isAgent(row));
  }

  #writable(signedInMs: number): SelectQueryBuilder<PrincipalRow> {
    return this.dataSource
      .createQueryBuilder(principalEntity, 'principal')
      .innerJoin(identityProviderEntity.options.name, 'provider', 'provider.name = principal.provider')
      .where(`principal.email IS NOT NULL AND principal.disabled_at IS NULL`)
      .andWhere(`principal.roles LIKE '%"approver"%'`)
      .andWhere(`provider.deleted_at IS NULL AND provider.purposes LIKE '%"people"%'`)
      .andWhere(`principal.signed_in_at >= ${NOW_MS_SQL} - :signedInMs`, { signedInMs });
  }

  async #membersOf(persons: readonly PrincipalId[]): Promise<readonly PrincipalRow[]> {
    return atState(() =>
      this.dataSource
        .createQueryBuilder(principalEntity, 'principal')
        .where('principal.id IN (:...persons) OR principal.person_id IN (:...persons)', { persons })
        .getMany(),
    );
  }

  async #identitiesOf(members: readonly PrincipalRow[]): Promise<ReadonlyMap<PrincipalId, readonly KnownIdentity[]>> {
    const rows = await atState(() =>
      this.dataSource
        .createQueryBuilder(identityEntity, 'identity')
        .where('identity.principal_id IN (:...ids)', { ids: members.map(({ id }) => id) })
        .getMany(),
    );
    return Map.groupBy(rows, ({ principalId }) => principalId);
  }
}

const PERSON = 'COALESCE(principal.person_id, principal.id)';

interface KnownPerson {
  /** Principals by whom the person can be written to, and decides. */
  readonly able: readonly PrincipalRow[];
  readonly members: readonly PrincipalRow[];
  readonly identities: ReadonlyMap<PrincipalId, readonly KnownIdentity[]>;
}

function recipientOf(
  personId: PrincipalId,
  { able, members, identities }: KnownPerson,
): readonly [] | readonly [EmailRecipient] {
  const address = able.at(0)?.email ?? null;
  if (address === null) return [];
  const person = personBehind(
    members,
    members.flatMap(({ id }) => identities.get(id) ?? []),
  );
  const principals = able.map(({ id, kind, roles, groups, mappedGroups }) => ({
    id,
    kind,
    roles,
    groups: [...new Set([...(mappedGroups ?? []), ...groups])],
  }));
  return [{ personId, person, address, principals }];
}
