import { expect, it } from 'vitest';
import { PROTOCOLS } from '../../src/apps/protocols.js';
import { createStateSource } from '../../src/persistence/state/data-source.js';
import { vocabulariesOf } from '../../src/protocol/target-protocol.js';
import { makeDatabase } from './databases.js';
import { servers } from './engines.js';
import { contentsOf, migrateOnce } from './state-copy.js';

const DEFAULTS = vocabulariesOf(PROTOCOLS).map(({ defaults }) => defaults);

it('a copy of a state database is what the migrations made', async () => {
  const databases = [await makeDatabase(servers().mariadb), await makeDatabase(servers().mariadb)];
  const sources = await Promise.all(databases.map(({ url }) => createStateSource(url).initialize()));
  try {
    const [migrated, copy] = [sources[0], sources[1]];
    if (migrated === undefined || copy === undefined) throw new Error('There are two databases');
    await migrateOnce(migrated, DEFAULTS);
    await migrateOnce(copy, DEFAULTS);
    const made = await contentsOf(migrated);
    expect(made.tables.length).toBeGreaterThan(20);
    expect(made.tables.filter(({ rows }) => rows.length > 0).map(({ name }) => name)).toContain('migrations');
    expect(await contentsOf(copy)).toEqual(made);
  } finally {
    await Promise.all(sources.map((source) => source.destroy()));
    await Promise.all(databases.map(({ drop }) => drop()));
  }
});
