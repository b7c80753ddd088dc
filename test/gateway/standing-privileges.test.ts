import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { quoteDatabasePattern } from '../../src/protocols/mysql/account/sql-quote.js';
import { type Access } from '../../src/protocols/sql/access.js';
import { runAsRoot } from '../support/databases.js';
import { engines } from '../support/engines.js';
import { type Provisioned, makeDoor, provision } from '../support/task-account.js';

const SCHEMA = ['CREATE TABLE orders (id INT PRIMARY KEY)', 'CREATE TABLE notes (id INT PRIMARY KEY)'];

describe.each(engines())('a task account that was just made on $flavour $version', (engine) => {
  let target: Provisioned;

  beforeAll(async () => {
    target = await provision(engine, { schema: SCHEMA });
  });
  afterAll(() => target?.drop());

  const everything = (): Access => ({ database: target.database, privileges: ['SELECT', 'UPDATE', 'CREATE ROUTINE'] });
  const onTables = (tables: readonly string[], privileges: Access['privileges']): Access => ({
    database: target.database,
    tables,
    privileges,
  });
  const cases: readonly {
    readonly what: string;
    readonly access: () => readonly Access[];
    readonly standing: () => readonly Access[];
    readonly has: readonly string[];
  }[] = [
    {
      what: 'all that the grant may have, where all of it stands',
      access: () => [everything()],
      standing: () => [everything()],
      has: ['SELECT, UPDATE, CREATE ROUTINE ON *'],
    },
    {
      what: 'a part of it',
      access: () => [everything()],
      standing: () => [{ ...everything(), privileges: ['SELECT'] }],
      has: ['SELECT ON *'],
    },
    {
      what: 'a part of it on some tables of a database that the grant has as a whole',
      access: () => [everything()],
      standing: () => [onTables(['orders'], ['SELECT'])],
      has: ['SELECT ON orders'],
    },
    {
      what: 'a part of it on the tables that the grant names',
      access: () => [onTables(['orders', 'notes'], ['SELECT', 'UPDATE'])],
      standing: () => [onTables(['orders', 'notes'], ['SELECT']), onTables(['notes'], ['UPDATE'])],
      has: ['SELECT ON orders', 'SELECT, UPDATE ON notes'],
    },
    { what: 'nothing, where nothing stands', access: () => [everything()], standing: () => [], has: [] },
  ];

  test.each(cases)('has $what', async ({ access, standing, has }) => {
    const { grants, drop } = await makeDoor(target, { ceiling: access(), standing: standing() });
    expect(await grants()).toEqual(has);
    await drop();
  });

  test('is refused when a privilege could not be given later, with the statement that helps, though it does not stand', async () => {
    const { database, provisioner } = target;
    const pattern = quoteDatabasePattern(database);
    await runAsRoot(engine, [`REVOKE UPDATE ON ${pattern}.* FROM ${provisioner.quoted}`]);
    const standing: readonly Access[] = [{ database, privileges: ['SELECT'] }];
    const refusal = await makeDoor(target, { ceiling: [everything()], standing }).catch((error: unknown) => error);
    const missing = `GRANT SELECT, UPDATE, CREATE ROUTINE ON ${pattern}.* TO ${provisioner.quoted} WITH GRANT OPTION`;
    expect(refusal).toMatchObject({ code: 'target_privileges_missing', fields: { missing: [missing] } });
    await runAsRoot(engine, [missing]);
    const { drop } = await makeDoor(target, { ceiling: [everything()], standing });
    await drop();
  });

  test('is refused when a table is not there, though nothing stands on it', async () => {
    const ceiling = [onTables(['orders', 'nothing'], ['SELECT'])];
    await expect(makeDoor(target, { ceiling, standing: [] })).rejects.toMatchObject({
      code: 'grant_table_unknown',
      detail: `The table "nothing" is not in the database ${JSON.stringify(target.database)}.`,
    });
  });
});
