import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newGrantId, newId } from '../../src/domain/ids.js';
import type { GrantId } from '../../src/kernel/brand.js';
import { createStateSource } from '../../src/persistence/state/data-source.js';
import { grantEntity } from '../../src/persistence/entities/grants/grant.js';
import { GrantSweepRepository } from '../../src/persistence/grants/grant-sweep.repository.js';
import { makeDatabase, type OwnDatabase } from '../support/databases.js';
import { servers } from '../support/engines.js';

/** More than one look finds at once. */
const GRANTS = 450;

let database: OwnDatabase;
let source: DataSource;
let sweep: GrantSweepRepository;
const ids: GrantId[] = [];

beforeAll(async () => {
  database = await makeDatabase(servers().mariadb);
  source = await createStateSource(database.url).initialize();
  await source.runMigrations();
  sweep = new GrantSweepRepository(source);
  ids.push(...Array.from({ length: GRANTS }, newGrantId).toSorted());
  await source.getRepository(grantEntity).insert(ids.map(orphan));
});

afterAll(async () => {
  await source?.destroy();
  await database?.drop();
});

/** Closing, ended nowhere, and its gateway is not known any more. */
function orphan(id: GrantId) {
  return {
    id,
    principalId: newId(),
    principalName: 'bot',
    principalKind: 'agent',
    taskTitle: 'Count the orders',
    targetId: newId(),
    targetName: 'shop',
    access: [],
    ttlSeconds: 60,
    deadlineAtMs: 0,
    state: 'closing',
    closeReason: 'failed',
    taskAccount: id,
    gatewayId: newId(),
    requestedAtMs: 0,
  } as const;
}

it('finds every orphan behind those that cannot be finished, the oldest first', async () => {
  const found: GrantId[] = [];
  for (let page = await sweep.orphans(undefined); page.length > 0; page = await sweep.orphans(found.at(-1))) {
    found.push(...page.map(({ id }) => id));
  }
  expect(found).toEqual(ids);
});
