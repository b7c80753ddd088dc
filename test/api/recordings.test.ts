import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { GrantView } from '../../src/contracts/grants/grant.js';
import type { EntriesPage, RecordingView } from '../../src/contracts/recordings/recording.js';
import { generateSealKey, jwkSigner } from '../../src/recording/seal/signer.js';
import { pack, unpack } from '../../src/recording/testing/recordings.js';
import { verifyRecording } from '../../src/recording/verify/verify.js';
import { call, openGrant, registerShop, type ShopTarget } from '../support/grants.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { servers } from '../support/engines.js';
import { ROOT } from '../support/folders.js';
import { RECORDED } from '../support/recorded.js';
import { useSharedBroker } from '../support/shared-broker.js';

const run = promisify(execFile);
const broker = useSharedBroker();
let shop: ShopTarget;
let sealed: string;

beforeAll(async () => {
  shop = await registerShop(broker(), servers().mariadb);
  sealed = await recordOne();
});
afterAll(async () => shop?.drop());

/** One task from its grant to its seal. */
async function recordOne(): Promise<string> {
  const { id, connection } = await openGrant(broker(), shop.name);
  const { host, port, username: user, password, database } = connection;
  await withMysql2({ host, port, user, password }, (client) => client.query(`SELECT total FROM ${database}.orders`));
  const closed = await call<GrantView>(broker(), 'POST', `/v1/grants/${id}/close?wait=20`, {
    key: broker().keys.agent,
  });
  expect(closed.body.state).toBe('sealed');
  return id;
}

function read<Body>(path: string, key = broker().keys.reviewer) {
  return call<Body>(broker(), 'GET', `/v1/recordings${path}`, { key });
}

it('says who answers for the agent, and so does its grant', async () => {
  const change = (sponsor: string | null) =>
    call(broker(), 'PATCH', '/v1/principals/test-agent', { key: broker().keys.operator, body: { sponsor } });
  expect((await change('test-approver')).status).toBe(200);
  const id = await recordOne();
  await change(null);
  const sponsor = { name: 'test-approver', isClaim: false };
  const { body } = await call<GrantView>(broker(), 'GET', `/v1/grants/${id}`, { key: broker().keys.operator });
  expect(body.sponsor).toEqual(sponsor);
  const { body: page } = await read<EntriesPage>(`/${id}/entries?limit=1`);
  expect(page.items).toMatchObject([{ type: 'grant.opened', sponsor }]);
});

it('is marked by those who say that they have read it, and shows its last verification', async () => {
  const id = await recordOne();
  const mark = (method: 'PUT' | 'DELETE', key = broker().keys.reviewer) =>
    call<RecordingView>(broker(), method, `/v1/recordings/${id}/review`, { key });
  expect((await read<RecordingView>(`/${id}`)).body).toMatchObject({ verification: null, reviews: [] });
  const first = (await mark('PUT')).body.reviews;
  expect(first).toEqual([{ principal: 'test-reviewer', at: expect.any(String), isYours: true }]);
  expect((await mark('PUT')).body.reviews).toEqual(first);
  expect((await mark('PUT', broker().keys.operator)).status).toBe(403);
  await read(`/${id}/verification`);
  const { items } = (await read<{ items: RecordingView[] }>(`?target=${shop.name}&limit=1`)).body;
  expect(items).toMatchObject([{ verification: { ok: true, by: 'test-reviewer' }, reviews: first }]);
  expect((await mark('DELETE')).body.reviews).toEqual([]);
  expect((await mark('DELETE')).body.reviews).toEqual([]);
  const path = `/v1/record?subject=${id}&act=recording.reviewed`;
  const { body } = await call<{ items: { after: unknown }[] }>(broker(), 'GET', path, { key: broker().keys.reviewer });
  expect(body.items.map(({ after }) => after)).toEqual([{ read: false }, { read: true }]);
});

describe('a sealed recording', () => {
  it('says what it holds and by whom it was sealed', async () => {
    const { body } = await read<RecordingView>(`/${sealed}`);
    expect(body).toMatchObject({
      grantId: sealed,
      state: 'sealed',
      principal: { name: 'test-agent', kind: 'agent' },
      target: shop.name,
      interrupted: false,
      closeReason: 'completed',
    });
    expect(body.statements).toBeGreaterThan(0);
    const { body: keys } = await call<{ seal: { kid: string }[] }>(broker(), 'GET', '/v1/keys', {
      key: broker().keys.agent,
    });
    expect(JSON.stringify(keys)).toContain(body.keyId);
  });

  it('is downloaded as one file that verifies offline and has the digest that the view says', async () => {
    const { body: view } = await read<RecordingView>(`/${sealed}`);
    const response = await fetch(`${broker().api}/v1/recordings/${sealed}/file`, {
      headers: { authorization: `Bearer ${broker().keys.reviewer}` },
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/x-tar');
    expect(response.headers.get('content-disposition')).toBe(`attachment; filename="${sealed}.tar"`);
    expect(Number(response.headers.get('content-length'))).toBe(bytes.length);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(view.sha256);
    const path = join(await mkdtemp(join(tmpdir(), 'doorwarden-')), 'recording.tar');
    await writeFile(path, bytes);
    expect(await verifyRecording(path, { protocols: RECORDED })).toMatchObject({
      ok: true,
      grant: sealed,
      keyId: view.keyId,
    });
  });

  it('verifies on the server against the published keys', async () => {
    const { body } = await read(`/${sealed}/verification`);
    expect(body).toMatchObject({ ok: true, grant: sealed, keyTrusted: true });
  });

  it('gives its entries in pages, in order', async () => {
    const entries = [];
    let after: number | null = 0;
    while (after !== null) {
      const { body }: { body: EntriesPage } = await read<EntriesPage>(`/${sealed}/entries?after=${after}&limit=3`);
      entries.push(...body.items);
      after = body.next;
    }
    expect(entries.map((entry) => entry['seq'])).toEqual(entries.map((_, index) => index + 1));
    expect(entries.at(0)).toMatchObject({ type: 'grant.opened', grant: sealed });
    expect(entries.at(-1)).toMatchObject({ type: 'grant.closed', interrupted: false, account: { state: 'gone' } });
    expect(JSON.stringify(entries)).toContain(`SELECT total FROM ${shop.database}.orders`);
  });

  it('is found by principal, target and time', async () => {
    const found = async (query: string) =>
      (await read<{ items: RecordingView[] }>(`?${query}`)).body.items.map(({ grantId }) => grantId);
    expect(await found(`principal=test-agent&target=${shop.name}`)).toContain(sealed);
    expect(await found('principal=nobody')).toEqual([]);
    expect(await found('to=2020-01-01T00:00:00Z')).toEqual([]);
    expect(await found('from=2020-01-01T00:00:00Z')).toContain(sealed);
  });
});

describe('a recording that goes on', () => {
  it('shows the entries written so far, and has no file yet', async () => {
    const { id } = await openGrant(broker(), shop.name);
    expect((await read<RecordingView>(`/${id}`)).body).toMatchObject({ state: 'recording', sha256: null });
    const { body } = await read<EntriesPage>(`/${id}/entries`);
    expect(body).toMatchObject({ items: [{ seq: 1, type: 'grant.opened' }], next: null });
    for (const part of ['file', 'verification']) {
      expect(await read(`/${id}/${part}`)).toMatchObject({ status: 409, body: { code: 'recording_not_sealed' } });
    }
    await call(broker(), 'POST', `/v1/grants/${id}/close`, { key: broker().keys.agent });
  });
});

describe('what stands in the place of a recording', () => {
  const PARTS = ['file', 'entries', 'verification'] as const;
  let foreign: string;
  let place: string;
  let kept: string;

  beforeAll(async () => {
    foreign = await recordOne();
    place = join(broker().recordingsFolder, `${sealed}.tar`);
    kept = join(await mkdtemp(join(tmpdir(), 'doorwarden-')), 'kept.tar');
    await rename(place, kept);
  });
  afterEach(() => rm(place, { force: true }));
  afterAll(() => copyFile(kept, place));

  it("and is a foreign sealed recording is not served, listed or verified as this grant's", async () => {
    await copyFile(join(broker().recordingsFolder, `${foreign}.tar`), place);
    expect(await read(`/${sealed}/verification`)).toMatchObject({
      status: 200,
      body: { ok: false, problem: { where: 'grant', what: expect.stringContaining(foreign) } },
    });
    for (const part of ['file', 'entries', 'entries?after=3']) {
      expect(await read(`/${sealed}/${part}`)).toMatchObject({ status: 500, body: { code: 'recording_mismatch' } });
    }
    const { body } = await read<RecordingView>(`/${sealed}`);
    const digest = async (path: string) =>
      createHash('sha256')
        .update(await readFile(path))
        .digest('hex');
    expect(body).toMatchObject({ grantId: sealed, sha256: await digest(kept) });
    const cli = [join(ROOT, 'dist/apps/cli/main.js'), 'verify', '--grant', sealed];
    await expect(run(process.execPath, [...cli, place])).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringContaining('does NOT verify'),
    });
    await expect(run(process.execPath, [...cli, kept])).resolves.toMatchObject({ stderr: '' });
  });

  it('and is another whole file of this grant is not what was sealed either', async () => {
    // Sealed again by somebody else: everything holds but the key and the digest.
    const members = await unpack(kept);
    const manifest = members.get('manifest.json') ?? Buffer.alloc(0);
    const signer = await jwkSigner(await generateSealKey());
    const keyId = JSON.parse(manifest.toString()).keyId;
    const forged = Buffer.from(manifest.toString().replace(keyId, signer.keyId));
    members.set('manifest.json', forged);
    members.set('manifest.jws', Buffer.from(await signer.sign(forged)));
    await writeFile(place, pack(members));
    expect(await verifyRecording(place, { grant: sealed, protocols: RECORDED })).toMatchObject({ ok: true });
    expect(await read(`/${sealed}/verification`)).toMatchObject({ body: { ok: false } });
    for (const part of ['file', 'entries']) {
      expect(await read(`/${sealed}/${part}`)).toMatchObject({ status: 500, body: { code: 'recording_mismatch' } });
    }
  });

  it('and is a link, a FIFO or a directory is not followed, and no call hangs at it', async () => {
    const secret = join(broker().env['KEYS_DIR'] ?? '', 'seal.jwk');
    const puts = [
      () => symlink(secret, place),
      () => symlink(kept, place),
      async () => execFileSync('mkfifo', [place]),
      () => mkdir(place).then(() => undefined),
    ];
    for (const put of puts) {
      await put();
      for (const part of PARTS) {
        expect(await read(`/${sealed}/${part}`)).toMatchObject({ status: 500, body: { code: 'recording_mismatch' } });
      }
      await rm(place, { recursive: true });
    }
  });

  it('and is a live directory reached by a link, with a link or a FIFO inside, or of another grant, gives no entries', async () => {
    const { id } = await openGrant(broker(), shop.name);
    const { id: other } = await openGrant(broker(), shop.name);
    const live = join(broker().recordingsFolder, id);
    const away = `${live}-away`;
    await rename(live, away);
    const mismatch = { status: 500, body: { code: 'recording_mismatch' } };
    await symlink(away, live);
    expect(await read(`/${id}/entries`)).toMatchObject(mismatch);
    await rm(live);
    for (const put of [
      (path: string) => symlink(join(away, 'entries.jsonl'), path),
      async (path: string) => execFileSync('mkfifo', [path]),
      (path: string) => copyFile(join(broker().recordingsFolder, other, 'entries.jsonl'), path),
    ]) {
      await mkdir(live);
      await put(join(live, 'entries.jsonl'));
      expect(await read(`/${id}/entries`)).toMatchObject(mismatch);
      await rm(live, { recursive: true });
    }
    await rename(away, live);
    expect(await read(`/${id}/entries`)).toMatchObject({ status: 200 });
    for (const grant of [id, other])
      await call(broker(), 'POST', `/v1/grants/${grant}/close`, { key: broker().keys.agent });
  });

  it('before it is sealed is not taken: the grant gets its own file, and the other is set aside', async () => {
    const { id } = await openGrant(broker(), shop.name);
    const path = join(broker().recordingsFolder, `${id}.tar`);
    await copyFile(join(broker().recordingsFolder, `${foreign}.tar`), path);
    expect(await read<EntriesPage>(`/${id}/entries`)).toMatchObject({ body: { items: [{ grant: id }] } });
    const closed = await call<GrantView>(broker(), 'POST', `/v1/grants/${id}/close?wait=20`, {
      key: broker().keys.agent,
    });
    expect(closed.body.state).toBe('sealed');
    expect(await read(`/${id}/verification`)).toMatchObject({ body: { ok: true, grant: id } });
    expect(await verifyRecording(`${path}.aside-1`, { grant: foreign, protocols: RECORDED })).toMatchObject({
      ok: true,
    });
  });
});

describe('recordings', () => {
  it.each(['agent', 'approver', 'operator'] as const)('are not for the role %s', async (role) => {
    for (const path of ['', `/${sealed}`, `/${sealed}/entries`, `/${sealed}/file`, `/${sealed}/verification`]) {
      expect(await read(path, broker().keys[role])).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    }
  });

  it('that do not exist are not found', async () => {
    const none = '01arz3ndektsv4rrffq69g5fav';
    for (const path of ['', '/entries', '/file', '/verification']) {
      expect(await read(`/${none}${path}`)).toMatchObject({ status: 404, body: { code: 'recording_not_found' } });
    }
  });

  it('cannot be searched by text yet, and say so instead of leaving it out', async () => {
    expect(await read('?text=orders')).toMatchObject({ status: 400, body: { code: 'request_invalid' } });
  });
});
