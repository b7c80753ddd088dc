import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { storedRecord } from '../../src/control/record/stored-record.js';
import { newId, newPrincipalId } from '../../src/domain/ids.js';
import { PrincipalRepository } from '../../src/persistence/identity/principal.repository.js';
import { AdminRecordRepository } from '../../src/persistence/record/admin-record.repository.js';
import { RecordReader } from '../../src/persistence/record/record-reader.js';
import { createStateSource, migrate, stateSourceOptions } from '../../src/persistence/state/data-source.js';
import { MIGRATIONS } from '../../src/persistence/state/migrations.js';
import { checkRecord } from '../../src/record/record-report.js';
import { factsOf } from '../../src/record/testing.fixture.js';
import { makeDatabase, type OwnDatabase } from '../support/databases.js';
import { engines } from '../support/engines.js';

/** Up to 0012: before there were identities and an administrative record. */
const BEFORE = MIGRATIONS.slice(0, 12);

describe.each(engines())('a state database without an administrative record, on $flavour $version', (engine) => {
  const principalId = newPrincipalId();
  let database: OwnDatabase;
  let source: DataSource;

  beforeAll(async () => {
    database = await makeDatabase(engine);
    const before = new DataSource({ ...stateSourceOptions(database.url), migrations: BEFORE });
    await before.initialize();
    await before.runMigrations();
    await before.query(
      `INSERT INTO principals (id, name, kind, roles, group_names, created_at) VALUES (?, 'alex', 'user', '["operator"]', '["dba"]', 1)`,
      [principalId],
    );
    await before.query(
      `INSERT INTO api_keys (id, principal_id, label, hash, created_at) VALUES ('abcd2345', ?, 'laptop', ?, 1)`,
      [principalId, Buffer.alloc(32)],
    );
    await before.query(
      `INSERT INTO policy_versions (revision, name, text, changed_by, changed_at) VALUES (1, 'own', 'permit (principal, action, resource);', ?, 1)`,
      [newId()],
    );
    await before.destroy();
    source = await createStateSource(database.url).initialize();
    await migrate(source, []);
  });
  afterAll(async () => {
    await source?.destroy();
    await database?.drop();
  });

  it('has an empty one afterwards, and what it had', async () => {
    expect(await new RecordReader(source).head()).toMatchObject({ seq: 0, hash: '0'.repeat(64) });
    expect(await new RecordReader(source).list({ limit: 10 })).toEqual([]);
    expect(await new PrincipalRepository(source).findByName('alex')).toMatchObject({
      id: principalId,
      groups: ['dba'],
    });
  });

  it('takes entries then, whose texts come back as they were', async () => {
    const record = new AdminRecordRepository(source);
    const texts = [
      'plain',
      'ümlaut',
      '漢字',
      '🚪',
      String.raw`back\slash "quote"`,
      'two\nlines\u0000',
      '\u2028',
      '\ud800',
    ];
    for (const text of texts) await record.append(factsOf('alex', { why: text, after: { text } }));
    const reader = new RecordReader(source);
    const head = await reader.head();
    const report = await checkRecord(storedRecord(reader, { after: 0, to: texts.length, signedTo: 0 }), { to: head });
    expect(report).toMatchObject({ ok: true, entries: texts.length });
    const rows = await reader.list({ limit: 10, principal: 'alex' });
    expect(rows.map(({ line }) => JSON.parse(line).why)).toEqual(texts.toReversed());
  });
});
