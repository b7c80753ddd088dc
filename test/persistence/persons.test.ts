import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId, newPrincipalId } from '../../src/domain/ids.js';
import type { PrincipalId } from '../../src/kernel/brand.js';
import { personOf, type PrincipalRow } from '../../src/persistence/entities/identity/principal.js';
import { PersonRepository } from '../../src/persistence/identity/person.repository.js';
import { PrincipalRepository } from '../../src/persistence/identity/principal.repository.js';
import { createStateSource } from '../../src/persistence/state/data-source.js';
import { makeDatabase, type OwnDatabase } from '../support/databases.js';
import { engines } from '../support/engines.js';

const ROUNDS = 20;

describe.each(engines())('persons, on $flavour $version', (engine) => {
  let database: OwnDatabase;
  let source: DataSource;
  let principals: PrincipalRepository;
  let persons: PersonRepository;

  beforeAll(async () => {
    database = await makeDatabase(engine);
    source = await createStateSource(database.url).initialize();
    await source.runMigrations();
    [principals, persons] = [new PrincipalRepository(source), new PersonRepository(source)];
  });
  afterAll(async () => {
    await source?.destroy();
    await database?.drop();
  });

  async function made(changed: Partial<PrincipalRow> = {}): Promise<PrincipalId> {
    const id = newPrincipalId();
    await principals.insert({
      id,
      name: `p-${id}`,
      kind: 'user',
      roles: ['approver'],
      groups: [],
      createdAtMs: 1,
      disabledAtMs: null,
      ...changed,
    });
    return id;
  }

  async function personsOf(ids: readonly PrincipalId[]): Promise<readonly PrincipalId[]> {
    return Promise.all(
      ids.map(async (id) => {
        const row = await principals.findById(id);
        if (row === undefined) throw new Error('It was made.');
        return personOf(row);
      }),
    );
  }

  it('are joined with all that were of one person with either', async () => {
    const ids = await Promise.all([made(), made(), made(), made(), made()]);
    const [first, second, third, fourth, alone] = ids;
    await persons.joinPersons(second, first);
    await persons.joinPersons(third, fourth);
    await persons.joinPersons(second, fourth);
    const [person, ...others] = await personsOf(ids);
    expect(new Set(others.slice(0, 3))).toEqual(new Set([person]));
    expect(others[3]).toBe(alone);
    const known = await persons.behind({ id: third, name: 'of no matter', person: person ?? first });
    expect(known.principals).toEqual(new Set([first, second, third, fourth]));
  });

  it('are one when several are joined in a ring at the same moment', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const [first, second, third] = await Promise.all([made(), made(), made()]);
      await Promise.all([
        persons.joinPersons(first, second),
        persons.joinPersons(second, third),
        persons.joinPersons(third, first),
      ]);
      expect(new Set(await personsOf([first, second, third])).size).toBe(1);
    }
  });

  it('lose one who leaves, be it the first of them, and nobody else', async () => {
    const [first, second, third] = await Promise.all([made(), made(), made()]);
    await persons.joinPersons(first, second);
    await persons.joinPersons(second, third);
    await persons.leavePerson(first);
    const [left, ...rest] = await personsOf([first, second, third]);
    expect(left).toBe(first);
    expect(new Set(rest).size).toBe(1);
    expect(rest).not.toContain(first);
    await persons.leavePerson(second);
    expect(await personsOf([first, second, third])).toEqual([first, second, third]);
  });

  it('are at most twenty principals, and no agents', async () => {
    const first = await made();
    for (let count = 1; count < 20; count += 1) await persons.joinPersons(first, await made());
    await expect(persons.joinPersons(first, await made())).rejects.toMatchObject({ code: 'principal_person_conflict' });
    const agent = await made({ kind: 'agent', roles: ['agent'] });
    await expect(persons.joinPersons(await made(), agent)).rejects.toMatchObject({ code: 'principal_person_conflict' });
    await expect(persons.joinPersons(first, newPrincipalId())).rejects.toMatchObject({ code: 'principal_not_found' });
  });

  it('are found by a verified e-mail, in whichever case it is written, and by a name that is one', async () => {
    const email = `ann.${newId()}@example.com`;
    const brought = await made({ email });
    const named = await made({ name: email });
    await made({ email, kind: 'agent', roles: ['agent'] });
    const found = await persons.withEmail(email.toUpperCase().replace('ANN', 'Ann'));
    expect(new Set(found.map(({ id }) => id))).toEqual(new Set([brought, named]));
  });
});
