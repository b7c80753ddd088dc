import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROTOCOLS } from '../../src/apps/protocols.js';
import { approvalSummaryOf, approvalViewOf } from '../../src/control/approvals/approval-view.js';
import { grantViewOf } from '../../src/control/grants/grant-view.js';
import { KnownProtocols } from '../../src/control/modules/known-protocols.js';
import { targetViewOf } from '../../src/control/targets/target-view.js';
import { newApprovalId, newGrantId, newId, newTargetId } from '../../src/domain/ids.js';
import type { GrantId } from '../../src/kernel/brand.js';
import { systemClock } from '../../src/kernel/clock.js';
import { EnvelopeKey } from '../../src/keys/envelope.js';
import { makeJwkText, parsePrivateJwk } from '../../src/keys/okp-jwk.js';
import { ApprovalRepository } from '../../src/persistence/approvals/approval.repository.js';
import { DatabaseGrantAuthority } from '../../src/persistence/grants/grant-authority.js';
import { GrantRepository } from '../../src/persistence/grants/grant.repository.js';
import { createStateSource, migrate, stateSourceOptions } from '../../src/persistence/state/data-source.js';
import { MIGRATIONS } from '../../src/persistence/state/migrations.js';
import { TargetRepository } from '../../src/persistence/targets/target.repository.js';
import { credentialVerifierIn } from '../../src/protocols/mysql/verifier.js';
import { credentialVerifierOf } from '../../src/protocols/mysql/wire/login/auth.js';
import { makeDatabase, type OwnDatabase } from '../support/databases.js';
import { engines } from '../support/engines.js';

/** Those of the version before, which knew one protocol and called it by no name. */
const BEFORE = MIGRATIONS.slice(0, 11);
const HASHES = credentialVerifierOf('a password');
const ACCESS = [{ database: 'shop', privileges: ['SELECT'] }];
const LIMITS = { ttlSecondsMax: 3600, privileges: ['SELECT', 'UPDATE'], databases: ['shop'], sessionsMax: 16 };
const REPORT = {
  flavour: 'mariadb',
  version: '10.11.6-MariaDB',
  capabilities: 1,
  collation: 45,
  authPlugin: 'mysql_native_password',
  tls: null,
  checkedAt: '2026-01-01T00:00:00Z',
};
const TABLE = { database: 'shop', table: 'orders', action: 'update', by: 'text' };
const FACTS = {
  kind: 'update',
  action: 'update',
  statements: 1,
  tables: [TABLE],
  columns: ['total'],
  functions: [],
  unknownFunctions: [],
  where: 'column',
  hasLimit: false,
  flags: [],
  triggers: [],
  notUnderstood: null,
};
const TERMS = {
  approvers: [],
  quorum: 1,
  holdSeconds: 600,
  inTransaction: 'hold',
  transactionHoldSeconds: 10,
  warning: null,
};
const SUMMARY = {
  excerpt: 'UPDATE orders SET total = ?',
  line: 'UPDATE orders SET total = ?',
  statementKind: 'update',
  action: 'update',
  tables: [TABLE],
  tablesMore: 0,
  database: 'shop',
  inTransaction: false,
  why: 'It changes rows.',
  policies: ['default#writes'],
  terms: TERMS,
};
const QUESTION = {
  kind: 'statement',
  session: 1,
  statement: 7,
  text: 'UPDATE orders SET total = ?',
  values: [{ type: 'MYSQL_TYPE_LONG', value: 5 }],
  facts: FACTS,
  policyVersion: 'v1',
};
const PREVIEW = {
  takenAtMs: 1,
  tables: [{ database: 'shop', table: 'orders', rows: 3, estimated: false, isWritten: true }],
  affected: { kind: 'exact', rows: 3 },
  sample: { columns: ['id'], rows: [['1']] },
  triggers: [],
  cascades: [],
  locks: null,
  canLimitRows: true,
};

describe.each(engines())('a state database of the version before, on $flavour $version', (engine) => {
  const targetId = newTargetId();
  const shown = newGrantId();
  const sealed = newGrantId();
  const approvalId = newApprovalId();
  let database: OwnDatabase;
  let source: DataSource;
  let authority: DatabaseGrantAuthority;

  beforeAll(async () => {
    database = await makeDatabase(engine);
    const before = new DataSource({ ...stateSourceOptions(database.url), migrations: BEFORE });
    await before.initialize();
    await before.runMigrations();
    await before.query(
      `INSERT INTO targets (id, name, revision, host, port, tls, credentials, username, default_database, labels, limits, report, created_at)
       VALUES (?, 'shop', 3, 'db.internal', 3306, '{"mode":"off"}', 'dynamic', 'prov', 'shop', '{}', ?, ?, 1)`,
      [targetId, JSON.stringify(LIMITS), JSON.stringify(REPORT)],
    );
    await insertGrant(before, shown, { state: 'active', hashes: true });
    await insertGrant(before, sealed, { state: 'sealed', hashes: true });
    await before.query(
      `INSERT INTO approvals (id, kind, grant_id, principal_id, principal_name, principal_kind, target_name, task_title,
         state, revision, summary, question, preview, uses, asked_at, expires_at, changed_at)
       VALUES (?, 'statement', ?, ?, 'bot', 'agent', 'shop', 'Mend', 'pending', 2, ?, ?, ?, 0, 1, 99999999999999, 1)`,
      [approvalId, shown, newId(), JSON.stringify(SUMMARY), JSON.stringify(QUESTION), JSON.stringify(PREVIEW)],
    );
    await before.destroy();
    source = await createStateSource(database.url).initialize();
    await migrate(source, []);
    authority = new DatabaseGrantAuthority({
      dataSource: source,
      envelopeKey: new EnvelopeKey(await parsePrivateJwk(makeJwkText('X25519'), 'X25519', 'the test')),
      clock: systemClock,
      leaseSeconds: 30,
      announce: () => undefined,
      requestSeal: () => undefined,
    });
  });
  afterAll(async () => {
    await source?.destroy();
    await database?.drop();
  });

  it('has targets, grants and approvals of mysql afterwards, shown as before', async () => {
    const target = await new TargetRepository(source).findByName('shop');
    expect(target && targetViewOf(target, 0)).toMatchObject({
      protocol: 'mysql',
      limits: LIMITS,
      report: { flavour: 'mariadb', version: '10.11.6-MariaDB' },
    });
    const grants = await new GrantRepository(source).list({ protocol: 'mysql', limit: 10 });
    expect(grants.map(grantViewOf)).toMatchObject([{ protocol: 'mysql', access: ACCESS }, { protocol: 'mysql' }]);
    expect(await new GrantRepository(source).list({ protocol: 'echo', limit: 10 })).toEqual([]);
  });

  it('lets in the clients of grants that were open, by the same password', async () => {
    const verifier = await authority.credentialVerifier(shown);
    expect(verifier && credentialVerifierIn(verifier)).toMatchObject(HASHES);
  });

  it('lets in those of grants that an api of the version before makes meanwhile', async () => {
    const id = newGrantId();
    await insertGrant(source, id, { state: 'active', hashes: true });
    const verifier = await authority.credentialVerifier(id);
    expect(verifier && credentialVerifierIn(verifier)).toMatchObject(HASHES);
    expect(await new GrantRepository(source).find(id)).toMatchObject({ protocol: 'mysql', verifier: null });
  });

  it('lets in nobody whose grant has no verifier', async () => {
    const id = newGrantId();
    await insertGrant(source, id, { state: 'active', hashes: false });
    expect(await authority.credentialVerifier(id)).toBeUndefined();
  });

  it('shows what people were asked, whole', async () => {
    const row = await new ApprovalRepository(source).find(approvalId);
    if (row === undefined) throw new Error('The approval is gone.');
    const look = { viewer: null, person: null, nowMs: 0, protocols: new KnownProtocols(PROTOCOLS) };
    expect(approvalSummaryOf(row, look)).toMatchObject({
      protocol: 'mysql',
      excerpt: { kind: 'update', action: 'update', tables: [TABLE], tablesMore: 0, line: SUMMARY.line },
    });
    const { columns: _columns, ...facts } = FACTS;
    expect(approvalViewOf(row, look)).toMatchObject({
      statement: {
        session: 1,
        number: 7,
        text: QUESTION.text,
        values: [{ type: 'MYSQL_TYPE_LONG', value: 5, shown: '5' }],
        bulk: null,
        facts,
        policyVersion: 'v1',
      },
      preview: { state: 'ready', affected: PREVIEW.affected, tables: PREVIEW.tables, sample: PREVIEW.sample },
      offeredScope: { kind: 'once', rowsMax: 3 },
    });
    const unknown = approvalViewOf(row, { ...look, protocols: new KnownProtocols([]) });
    expect(unknown).toMatchObject({ statement: null, preview: { state: 'none' }, excerpt: { kind: 'update' } });
  });

  /** As the version before writes it. */
  async function insertGrant(at: DataSource, id: GrantId, given: { state: string; hashes: boolean }): Promise<void> {
    const { nativeHash, cachingSha2Hash } = HASHES;
    await at.query(
      `INSERT INTO grants (id, principal_id, principal_name, principal_kind, task_title, target_id, target_name, access,
         ttl_seconds, on_hold, deadline_at, state, task_account, native_hash, caching_sha2_hash, connection_shown_at,
         requested_at, sealed_at)
       VALUES (?, ?, 'bot', 'agent', 'Mend', ?, 'shop', ?, 60, 'wait', 99999999999999, ?, ?, ?, ?, 1, 1, ?)`,
      [
        id,
        newId(),
        targetId,
        JSON.stringify(ACCESS),
        given.state,
        `dw_${id.slice(-20)}`,
        given.hashes ? nativeHash : null,
        given.hashes ? cachingSha2Hash : null,
        given.state === 'sealed' ? 1 : null,
      ],
    );
  }
});
