import type { EntityManager } from 'typeorm';
import type { Person } from '../../domain/identity/person.js';
import { isAgent } from '../../domain/principal.js';
import type { PrincipalId } from '../../kernel/brand.js';
import { BrokerError } from '../../kernel/errors.js';
import { personOf, principalEntity, type PrincipalRow } from '../entities/identity/principal.js';
import { atState } from '../state/at-state.js';
import type { StateAccess } from '../state/state-transaction.js';
import { inTransaction } from '../state/transaction.js';
import { updateRows } from '../state/update-rows.js';
import { personWith } from './person-reading.js';

/** Principals that one person may have: more are a mistake, and every decision reads them all. */
const PRINCIPALS_MAX = 20;
/** More principals than one person has. */
const EMAIL_PRINCIPALS_MAX = 50;

/** Principals that are looked at for likeness to those of one page. */
const ALIKE_MAX = 500;

/** Approvers that are read to count those of groups. */
const APPROVERS_MAX = 1_000;

/** A principal, whose person is asked for. */
export interface PersonOfCaller {
  readonly id: PrincipalId;
  readonly name: string;
  readonly person: PrincipalId;
}

/** Which principals are of one person. */
export class PersonRepository {
  constructor(private readonly dataSource: StateAccess) {}

  /** All that acts in the name of the same person, and all that the person is called. */
  async behind({ id, name, person }: PersonOfCaller): Promise<Person> {
    return personWith(this.dataSource, { id, name }, person);
  }

  /**
   * How many people are approvers in each of these groups, by what is known of them: who comes from an identity provider was
   * in the groups that it gave at the last sign-in. `isAll`: false where only the oldest of so many approvers were counted.
   */
  async approversIn(groups: readonly string[]): Promise<{ sizes: ReadonlyMap<string, number>; isAll: boolean }> {
    const found = await atState(() =>
      this.dataSource
        .createQueryBuilder(principalEntity, 'principal')
        // Roles are words of a fixed list in a JSON text.
        .where('principal.roles LIKE :role AND principal.disabled_at IS NULL', { role: '%"approver"%' })
        .orderBy('principal.id', 'ASC')
        .limit(APPROVERS_MAX)
        .getMany(),
    );
    const people = found.filter((row) => !isAgent(row));
    const isIn = (group: string, row: PrincipalRow): boolean =>
      row.groups.includes(group) || row.mappedGroups?.includes(group) === true;
    const sizeOf = (group: string): number => new Set(people.filter((row) => isIn(group, row)).map(personOf)).size;
    return { sizes: new Map(groups.map((group) => [group, sizeOf(group)])), isAll: found.length < APPROVERS_MAX };
  }

  /**
   * Principals of people whose provider has verified this e-mail, or whom an operator has named by it, in whichever case it
   * is written; the oldest first.
   */
  async withEmail(email: string): Promise<readonly PrincipalRow[]> {
    const found = await atState(() =>
      this.dataSource
        .createQueryBuilder(principalEntity, 'principal')
        .where('principal.email IN (:...emails)', { emails: [...new Set([email, email.toLowerCase()])] })
        .orWhere('principal.name = :name', { name: email.toLowerCase() })
        .orderBy('principal.id', 'ASC')
        .limit(EMAIL_PRINCIPALS_MAX)
        .getMany(),
    );
    return found.filter((row) => !isAgent(row));
  }

  /** The names of the other principals of the same person, by the ids of these. */
  async othersOf(rows: readonly PrincipalRow[]): Promise<ReadonlyMap<PrincipalId, readonly string[]>> {
    const persons = rows.flatMap(({ personId }) => (personId === null ? [] : [personId]));
    if (persons.length === 0) return new Map();
    const members = await atState(() => membersOf(this.dataSource, [...new Set(persons)]));
    return new Map(
      rows.map((row) => [
        row.id,
        members.filter((other) => other.id !== row.id && personOf(other) === personOf(row)).map(({ name }) => name),
      ]),
    );
  }

  /**
   * By the ids of these: the names of others that their provider knows by the same verified e-mail address, or that an
   * operator has named by it, and that are not said to be of the same person.
   */
  async alikeOf(rows: readonly PrincipalRow[]): Promise<ReadonlyMap<PrincipalId, readonly string[]>> {
    const people = rows.filter((row) => !isAgent(row));
    const addresses = [...new Set(people.flatMap(addressesOf))];
    if (addresses.length === 0) return new Map();
    const found = await atState(() =>
      this.dataSource
        .createQueryBuilder(principalEntity, 'principal')
        .where('principal.email IN (:...addresses) OR principal.name IN (:...addresses)', { addresses })
        .orderBy('principal.id', 'ASC')
        .limit(ALIKE_MAX)
        .getMany(),
    );
    const others = found.filter((row) => !isAgent(row));
    return new Map(
      people.map((row) => {
        const own = addressesOf(row);
        const alike = others.filter(
          (other) => personOf(other) !== personOf(row) && addressesOf(other).some((address) => own.includes(address)),
        );
        return [row.id, alike.map(({ name }) => name)];
      }),
    );
  }

  /**
   * From now on these two principals are of one person, with all that were of one person with either: they count once, and
   * none of them decides for another. @throws BrokerError `principal_not_found`, `principal_person_conflict`
   */
  async joinPersons(first: PrincipalId, second: PrincipalId): Promise<void> {
    if (first === second) return;
    await inTransaction(this.dataSource, async (manager) => {
      const persons = await lockedPersons(manager, [first, second]);
      const members = await membersOf(manager, persons);
      if (members.some(isAgent)) throw conflict('An agent is no principal of a person; set its sponsor.');
      if (members.length > PRINCIPALS_MAX) throw conflict(`One person has at most ${PRINCIPALS_MAX} principals.`);
      const [personId] = persons;
      await setPerson(manager, members, personId ?? first);
    });
  }

  /** From now on the principal stands alone; the others of the person stay one. @throws BrokerError `principal_not_found` */
  async leavePerson(id: PrincipalId): Promise<void> {
    await inTransaction(this.dataSource, async (manager) => {
      const persons = await lockedPersons(manager, [id]);
      const others = (await membersOf(manager, persons)).filter((member) => member.id !== id);
      await updateRows(manager, principalEntity, { set: { personId: null }, where: 'id = :id', parameters: { id } });
      const [first, second] = others;
      if (first === undefined) return;
      await setPerson(manager, others, second === undefined ? null : first.id);
    });
  }
}

/**
 * The persons of some principals, sorted, and nobody ties or unties these until the transaction ends: anyone who does locks
 * the principals whose ids are the persons', in their order.
 */
async function lockedPersons(manager: EntityManager, ids: readonly PrincipalId[]): Promise<readonly PrincipalId[]> {
  const persons = sorted((await lockedRows(manager, ids)).map(personOf));
  await lockedRows(manager, persons);
  return persons;
}

/** E-mail addresses by which a person may be known besides. */
function addressesOf({ name, email }: PrincipalRow): readonly string[] {
  return [...(name.includes('@') ? [name] : []), ...(email === null ? [] : [email.toLowerCase()])];
}

function sorted(ids: readonly PrincipalId[]): readonly PrincipalId[] {
  return [...new Set(ids)].sort();
}

/** @throws BrokerError `principal_not_found` */
async function lockedRows(manager: EntityManager, ids: readonly PrincipalId[]): Promise<readonly PrincipalRow[]> {
  const rows = await manager
    .createQueryBuilder(principalEntity, 'principal')
    .setLock('pessimistic_write')
    .where('principal.id IN (:...ids)', { ids })
    .orderBy('principal.id', 'ASC')
    .getMany();
  if (rows.length !== ids.length) throw new BrokerError('principal_not_found');
  return rows;
}

/** The oldest first. */
async function membersOf(at: StateAccess, persons: readonly PrincipalId[]): Promise<PrincipalRow[]> {
  return at
    .createQueryBuilder(principalEntity, 'principal')
    .where('principal.id IN (:...persons) OR principal.person_id IN (:...persons)', { persons })
    .orderBy('principal.id', 'ASC')
    .getMany();
}

async function setPerson(
  manager: EntityManager,
  members: readonly PrincipalRow[],
  personId: PrincipalId | null,
): Promise<void> {
  await updateRows(manager, principalEntity, {
    set: { personId },
    where: 'id IN (:...ids)',
    parameters: { ids: members.map(({ id }) => id) },
  });
}

function conflict(detail: string): BrokerError {
  return new BrokerError('principal_person_conflict', { detail });
}
