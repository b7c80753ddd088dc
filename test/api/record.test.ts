import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  recordEntryPage,
  type RecordEntryView,
  type RecordVerificationView,
  recordVerificationView,
} from '../../src/contracts/broker/admin-record.js';
import type { GrantView } from '../../src/contracts/grants/grant.js';
import type { NewApiKeyView } from '../../src/contracts/identity/principal.js';
import { ROLES } from '../../src/domain/principal.js';
import { createStateSource, type StateSource } from '../../src/persistence/state/data-source.js';
import { useBroker } from '../support/broker.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { servers } from '../support/engines.js';
import { makeTemporaryFolder, ROOT } from '../support/folders.js';
import { call, openGrant, registerShop, type ShopTarget } from '../support/grants.js';

const run = promisify(execFile);
const broker = useBroker({ env: { RECORD_CHECKPOINT_SECONDS: '1', REAP_EVERY_SECONDS: '1' } });
const PROGRAM = join(ROOT, 'dist', 'apps', 'cli', 'main.js');
/** Long enough for a slow machine; what is waited for comes within seconds. */
const WAIT_MS = 60_000;
let source: StateSource;
let shop: ShopTarget;
let sealed: string;

beforeAll(async () => {
  source = await createStateSource(broker().stateDatabaseUrl).initialize();
  shop = await registerShop(broker(), servers().mariadb);
  const { id, connection } = await openGrant(broker(), shop.name);
  const { host, port, username: user, password, database } = connection;
  await withMysql2({ host, port, user, password }, (client) => client.query(`SELECT total FROM ${database}.orders`));
  const closed = await as<GrantView>('agent', 'POST', `/v1/grants/${id}/close?wait=20`);
  expect(closed.body.state).toBe('sealed');
  sealed = id;
});
afterAll(async () => {
  await source?.destroy();
  await shop?.drop();
});

function as<Body>(
  role: keyof ReturnType<typeof broker>['keys'],
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  body?: object,
) {
  const key = broker().keys[role];
  return call<Body>(broker(), method, path, { key, ...(body === undefined ? {} : { body }) });
}

async function entries(query: string): Promise<readonly RecordEntryView[]> {
  const { status, body } = await as('reviewer', 'GET', `/v1/record?${query}`);
  expect({ status, body }).toMatchObject({ status: 200 });
  return recordEntryPage.parse(body).items;
}

/** The newest entry of an act. */
async function newest(act: string, subject?: string): Promise<RecordEntryView | undefined> {
  const [entry] = await entries(`act=${act}${subject === undefined ? '' : `&subject=${encodeURIComponent(subject)}`}`);
  return entry;
}

async function verification(): Promise<RecordVerificationView> {
  return recordVerificationView.parse((await as('operator', 'GET', '/v1/record/verification')).body);
}

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (const endMs = performance.now() + WAIT_MS; performance.now() < endMs;) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => void setTimeout(resolve, 100));
  }
  throw new Error('It did not come.');
}

/** What a call that is signed for has reached: the whole record is covered by a checkpoint. */
function untilSigned() {
  return until(async () => {
    const report = await verification();
    return report.ok && report.signed !== null && report.unsigned === 0 ? report : undefined;
  });
}

const OPERATOR = { name: 'test-operator', signIn: expect.stringMatching(/^api-key:[a-z2-7]{8}$/), sponsor: null };
const CALL = { from: '127.0.0.1', request: expect.any(String), outcome: 'done', code: null, count: 1 };

describe('an administrative act has an entry:', () => {
  it('a principal that is made, changed, disabled and enabled, with what it was before', async () => {
    await as('operator', 'POST', '/v1/principals', { name: 'kim', kind: 'user', roles: ['reviewer'] });
    expect(await newest('principal.made')).toMatchObject({
      ...CALL,
      who: OPERATOR,
      subject: { kind: 'principal', name: 'kim' },
      before: null,
      after: { name: 'kim', roles: ['reviewer'], groups: [] },
    });
    await as('operator', 'PATCH', '/v1/principals/kim', { groups: ['dba'] });
    expect(await newest('principal.changed')).toMatchObject({ before: { groups: [] }, after: { groups: ['dba'] } });
    await as('operator', 'PATCH', '/v1/principals/kim', { groups: ['dba'] });
    expect(await entries('act=principal.changed')).toHaveLength(1);
    await as('operator', 'PATCH', '/v1/principals/kim', { disabled: true });
    await as('operator', 'PATCH', '/v1/principals/kim', { disabled: false });
    expect(await newest('principal.disabled')).toMatchObject({ before: { disabledAt: null } });
    expect(await newest('principal.enabled')).toMatchObject({ after: { disabledAt: null } });
  });

  it('a key that is made, asked for from a second operator, and revoked', async () => {
    const made = await as<NewApiKeyView>('operator', 'POST', '/v1/principals/kim/keys', { label: 'laptop' });
    expect(await newest('key.made')).toMatchObject({
      ...CALL,
      who: OPERATOR,
      subject: { kind: 'key', name: made.body.id },
      after: { principal: 'kim', id: made.body.id, label: 'laptop', request: null },
    });
    const asked = await as<{ request: string }>('operator', 'POST', '/v1/principals/kim/keys', {});
    expect(asked.status).toBe(409);
    expect(await newest('key.requested')).toMatchObject({
      outcome: 'asked',
      subject: { kind: 'principal', name: 'kim' },
      after: { principal: 'kim', request: asked.body.request },
    });
    await as('operator', 'DELETE', `/v1/principals/kim/keys/${made.body.id}`);
    await as('operator', 'DELETE', `/v1/principals/kim/keys/${made.body.id}`);
    const revoked = await entries(`act=key.revoked&subject=${made.body.id}`);
    expect(revoked).toMatchObject([{ before: { revokedAt: null }, after: { revokedAt: expect.any(String) } }]);
  });

  it('keys that are made and revoked at the command line, which nobody has signed in to', async () => {
    const options = { env: broker().env };
    const { stdout } = await run(
      process.execPath,
      [PROGRAM, 'keys', 'create', '--principal', 'cli', '--role', 'agent'],
      options,
    );
    const { key } = JSON.parse(stdout);
    const id = String(key).slice(3, 11);
    await run(process.execPath, [PROGRAM, 'keys', 'revoke', '--principal', 'cli', '--id', id], options);
    const nobody = { principal: null, name: null, person: null, sponsor: null, signIn: 'command-line' };
    for (const act of ['key.made', 'key.revoked']) {
      expect(await newest(act, id)).toMatchObject({ who: nobody, from: null, request: null });
    }
    expect(await newest('principal.made', 'cli')).toMatchObject({ who: nobody });
  });

  it('a target that is registered, changed and deleted, without its password', async () => {
    expect(await newest('target.registered')).toMatchObject({
      ...CALL,
      subject: { kind: 'target', name: shop.name },
      after: { hasCredential: true, port: servers().mariadb.port },
    });
    await as('operator', 'PATCH', `/v1/targets/${shop.name}`, { labels: { team: 'orders' } });
    expect(await newest('target.changed')).toMatchObject({
      before: { labels: {} },
      after: { labels: { team: 'orders' }, passwordGiven: false },
    });
    expect((await as('operator', 'PATCH', `/v1/targets/${shop.name}`, { limits: { ttlSecondsMax: -1 } })).status).toBe(
      400,
    );
    expect(await entries('act=target.changed')).toHaveLength(1);
  });

  it('a policy that is written and deleted, with its text and the digest of it', async () => {
    const text = '@id("all")\npermit (principal, action, resource);';
    await as('operator', 'PUT', '/v1/policies/more', { text, revision: 0 });
    expect(await newest('policy.put')).toMatchObject({
      subject: { kind: 'policy', name: 'more' },
      before: null,
      after: { text, characters: text.length, isCut: false, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    await as('operator', 'DELETE', '/v1/policies/more');
    expect(await newest('policy.deleted')).toMatchObject({ before: { text }, after: null });
  });

  it('a grant that somebody else revoked, and no grant that its requester closed', async () => {
    const { id } = await openGrant(broker(), shop.name);
    await as('approver', 'POST', `/v1/grants/${id}/revoke?wait=20`);
    await as('approver', 'POST', `/v1/grants/${id}/revoke?wait=20`);
    const revoked = await entries('act=grant.revoked');
    expect(revoked).toMatchObject([
      { who: { name: 'test-approver' }, subject: { kind: 'grant', name: id }, after: { closeReason: 'revoked' } },
    ]);
  });

  it('a gateway that was asked to drain', async () => {
    await as('operator', 'POST', '/v1/gateways/gateway/drain');
    expect(await newest('gateway.drain')).toMatchObject({
      who: OPERATOR,
      subject: { kind: 'gateway', name: 'gateway' },
    });
    await broker().ended('gateway');
    await broker().restart('gateway');
  });
});

describe('a look at evidence has an entry:', () => {
  it('a search with what was sought, once for all of its pages', async () => {
    for (const cursor of ['', `&cursor=${sealed}`, '']) {
      await as('reviewer', 'GET', `/v1/recordings?target=${shop.name}&limit=1${cursor}`);
    }
    await as('reviewer', 'GET', '/v1/recordings?principal=test-agent');
    const found = await entries('act=recording.searched');
    expect(found).toMatchObject([
      { who: { name: 'test-reviewer' }, after: { principal: 'test-agent' } },
      { after: { target: shop.name } },
    ]);
  });

  it('a recording that is looked at, read page by page, verified and downloaded', async () => {
    for (const after of [0, 1, 2, 0])
      await as('reviewer', 'GET', `/v1/recordings/${sealed}/entries?after=${after}&limit=1`);
    await as('reviewer', 'GET', `/v1/recordings/${sealed}`);
    await as('reviewer', 'GET', `/v1/recordings/${sealed}/verification`);
    for (const _ of [1, 2]) {
      const headers = { authorization: `Bearer ${broker().keys.reviewer}` };
      await (await fetch(`${broker().api}/v1/recordings/${sealed}/file`, { headers })).arrayBuffer();
    }
    const acts = (await entries(`subject=${sealed}`)).map(({ act }) => act);
    expect(acts.toSorted()).toEqual([
      'recording.downloaded',
      'recording.downloaded',
      'recording.read',
      'recording.seen',
      'recording.verified',
    ]);
    expect(await newest('recording.read')).toMatchObject({ ...CALL, after: { target: shop.name, state: 'sealed' } });
  });

  it('the record itself, by those who may read it and by nobody else', async () => {
    for (const role of ROLES) {
      const mayRead = role === 'reviewer' || role === 'operator';
      for (const path of ['/v1/record', '/v1/record/verification', '/v1/record/export']) {
        const { status } = await fetch(`${broker().api}${path}`, {
          headers: { authorization: `Bearer ${broker().keys[role]}` },
        });
        expect({ role, path, status }).toEqual({ role, path, status: mayRead ? 200 : 403 });
      }
    }
    for (const act of ['record.read', 'record.verified', 'record.exported']) {
      expect(await newest(act)).toMatchObject({ subject: { kind: 'record', name: '*' } });
    }
  });
});

describe('the administrative record', () => {
  it('is listed by pages, the newest first, and found by name, act and time', async () => {
    const all: number[] = [];
    for (let cursor: number | null = Number.MAX_SAFE_INTEGER; cursor !== null;) {
      const page = recordEntryPage.parse((await as('reviewer', 'GET', `/v1/record?limit=5&cursor=${cursor}`)).body);
      all.push(...page.items.map(({ seq }) => seq));
      cursor = page.next;
    }
    expect(all).toEqual(all.toSorted((a, b) => b - a));
    expect(new Set(all).size).toBe(all.length);
    expect(all.at(-1)).toBe(1);
    const ofOperator = await entries('principal=test-operator');
    expect(new Set(ofOperator.map(({ who }) => who.name))).toEqual(new Set(['test-operator']));
    const at = ofOperator[0]?.at ?? '';
    expect((await entries(`from=${at}`)).length).toBeGreaterThan(0);
    expect(await entries(`principal=test-operator&to=2020-01-01T00:00:00Z`)).toEqual([]);
    expect((await as('reviewer', 'GET', '/v1/record?act=DROP')).status).toBe(400);
  });

  it('holds, is signed for by the worker, and says so', async () => {
    const report = await untilSigned();
    const { body } = await as<{ keys: { kid: string }[] }>('agent', 'GET', '/v1/keys');
    expect(body.keys.map(({ kid }) => kid)).toContain(report.signed?.keyId);
  });

  it('is exported, and the export verifies offline by the public keys; a changed one does not', async () => {
    await untilSigned();
    const folder = makeTemporaryFolder();
    const [file, changed, keys] = ['record.jsonl', 'changed.jsonl', 'keys.json'].map((name) => join(folder, name));
    if (file === undefined || changed === undefined || keys === undefined) throw new Error('There are three files.');
    const env = { ...broker().env, DOORWARDEN_API: broker().api, DOORWARDEN_API_KEY: broker().keys.reviewer };
    const { stdout } = await run(process.execPath, [PROGRAM, 'record', 'export'], { env, maxBuffer: 64 * 1024 * 1024 });
    await writeFile(file, stdout);
    await writeFile(keys, JSON.stringify((await as('agent', 'GET', '/v1/keys')).body));
    const verify = (path: string) =>
      run(process.execPath, [PROGRAM, 'record', 'verify', path, '--keys', keys], { env });
    const told = (await verify(file)).stdout;
    expect(told).toContain('verifies');
    expect(told).toContain('one of the keys you gave');
    await writeFile(changed, (await readFile(file, 'utf8')).replace('"name":"kim"', '"name":"tim"'));
    await expect(verify(changed)).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringContaining('does NOT verify'),
    });
    await writeFile(changed, 'no export\n');
    await expect(verify(changed)).rejects.toMatchObject({ code: 2 });
  });

  it('exports the entries of a time', async () => {
    const [last] = await entries('limit=1');
    const headers = { authorization: `Bearer ${broker().keys.reviewer}` };
    const lines = async (query: string) =>
      (await (await fetch(`${broker().api}/v1/record/export?${query}`, { headers })).text()).trimEnd().split('\n');
    const [header, first] = await lines(`from=${last?.at}`);
    expect(JSON.parse(header ?? '').after.seq + 1).toBe(JSON.parse(first ?? '').seq);
    expect(Date.parse(JSON.parse(first ?? '').at)).toBeGreaterThanOrEqual(Date.parse(last?.at ?? ''));
    expect(await lines('to=2020-01-01T00:00:00Z')).toHaveLength(1);
  });

  it('has no secret: no key, no password, no hash of one', async () => {
    const rows: readonly { readonly line: string }[] = await source.query('SELECT line FROM record_entries');
    const all = rows.map(({ line }) => line).join('\n');
    const secrets = [...Object.values(broker().keys), shop.password, servers().mariadb.root.password];
    const [target] = await source.query('SELECT sealed_password AS sealed FROM targets');
    for (const secret of [...secrets, String(target.sealed)]) {
      expect(secret.length).toBeGreaterThan(5);
      expect(all).not.toContain(secret);
    }
    expect(all).not.toMatch(/dw_[a-z2-7]{8}_/);
  });

  describe('that somebody with the password of the state database has worked on', () => {
    /** Does it, looks what verification says, and takes it back. */
    async function tampered(statements: readonly string[], undo: readonly string[]): Promise<RecordVerificationView> {
      for (const statement of statements) await source.query(statement);
      try {
        return await verification();
      } finally {
        for (const statement of undo) await source.query(statement);
      }
    }

    it('names an entry whose line was changed, also with the hash that stands beside it', async () => {
      const [{ line, hash }] = await source.query('SELECT line, hash FROM record_entries WHERE seq = 4');
      await source.query(
        'UPDATE record_entries SET line = REPLACE(line, \'"outcome":"done"\', \'"outcome":"asked"\') WHERE seq = 4',
      );
      expect(await verification()).toMatchObject({ ok: false, entries: 3, problem: { entry: 4 } });
      await source.query('UPDATE record_entries SET hash = SHA2(line, 256) WHERE seq = 4');
      expect(await verification()).toMatchObject({ ok: false, entries: 3, problem: { entry: 4 } });
      await source.query('UPDATE record_entries SET line = ?, hash = ? WHERE seq = 4', [line, hash]);
      expect(await verification()).toMatchObject({ ok: true });
    });

    it('names an entry that was hidden from searches', async () => {
      const told = await tampered(
        ["UPDATE record_entries SET act = 'link.made' WHERE seq = 3"],
        ['UPDATE record_entries SET act = JSON_UNQUOTE(JSON_EXTRACT(line, "$.act")) WHERE seq = 3'],
      );
      expect(told).toMatchObject({ ok: false, problem: { entry: 3, what: expect.stringContaining('not its own') } });
    });

    it('names an entry that was dropped', async () => {
      await source.query('CREATE TABLE kept AS SELECT * FROM record_entries WHERE seq = 5');
      const told = await tampered(
        ['DELETE FROM record_entries WHERE seq = 5'],
        ['INSERT INTO record_entries SELECT * FROM kept', 'DROP TABLE kept'],
      );
      expect(told).toMatchObject({ ok: false, entries: 4, problem: { entry: 5 } });
    });

    it('names the first of entries that were swapped', async () => {
      const swap = [
        'UPDATE record_entries SET seq = 0 WHERE seq = 6',
        'UPDATE record_entries SET seq = 6 WHERE seq = 7',
        'UPDATE record_entries SET seq = 7 WHERE seq = 0',
      ];
      expect(await tampered(swap, swap)).toMatchObject({ ok: false, entries: 5, problem: { entry: 6 } });
    });

    it('names an entry that was added', async () => {
      const [{ seq }] = await source.query('SELECT CAST(MAX(seq) AS DOUBLE) + 5 AS seq FROM record_entries');
      const told = await tampered(
        [
          `INSERT INTO record_entries SELECT ${seq}, at, act, principal_name, subject_kind, subject_name, line, hash FROM record_entries WHERE seq = 2`,
        ],
        [`DELETE FROM record_entries WHERE seq = ${seq}`],
      );
      expect(told).toMatchObject({ ok: false, problem: { what: expect.stringContaining('was added') } });
    });
  });
});
