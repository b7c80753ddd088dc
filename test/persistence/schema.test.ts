import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createStateSource,
  migrate,
  pendingMigrations,
  stateSourceOptions,
} from '../../src/persistence/state/data-source.js';
import { MIGRATIONS } from '../../src/persistence/state/migrations.js';
import { makeDatabase, type OwnDatabase } from '../support/databases.js';
import { engines } from '../support/engines.js';

describe.each(engines())('the state database on $flavour $version', (engine) => {
  let database: OwnDatabase;

  beforeAll(async () => {
    database = await makeDatabase(engine);
  });
  afterAll(() => database.drop());

  it('is brought up to date once, however many processes try', async () => {
    const done = await Promise.all([run(), run(), run()]);
    expect(done.flat()).toHaveLength(MIGRATIONS.length);
    expect(await run()).toEqual([]);
  });

  it('then has exactly the tables that the entities describe', async () => {
    // TypeORM reads a schema right only when it is told which server that is.
    const source = new DataSource({ ...stateSourceOptions(database.url), type: engine.flavour });
    await source.initialize();
    try {
      expect(await pendingMigrations(source)).toEqual([]);
      const { upQueries } = await source.driver.createSchemaBuilder().log();
      expect(upQueries.map(({ query }) => query)).toEqual([]);
    } finally {
      await source.destroy();
    }
  });

  async function run(): Promise<readonly string[]> {
    const source = await createStateSource(database.url).initialize();
    try {
      return await migrate(source, []);
    } finally {
      await source.destroy();
    }
  }
});
