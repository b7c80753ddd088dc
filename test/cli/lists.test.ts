import { createHash } from 'node:crypto';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withMysql2 } from '../support/clients/mysql2.js';
import { runProgram } from '../support/clients/program.js';
import { doorwardenAs, PROGRAM } from '../support/command-line.js';
import { servers } from '../support/engines.js';
import { makeTemporaryFolder } from '../support/folders.js';
import { call, openGrant, registerShop, type ShopTarget } from '../support/grants.js';
import { Screen } from '../support/screen.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { untilFound } from '../support/statements.js';

const broker = useSharedBroker();
const folder = makeTemporaryFolder();
const HIDDEN = '\u202e';
let shop: ShopTarget;
let sealed: string;
let open: string;

beforeAll(async () => {
  shop = await registerShop(broker(), servers().mariadb);
  const task = { title: `Count${HIDDEN} the orders` };
  const first = await openGrant(broker(), shop.name, { task });
  const { host, port, username: user, password, database } = first.connection;
  await withMysql2({ host, port, user, password }, (client) => client.query(`SELECT total FROM ${database}.orders`));
  await call(broker(), 'POST', `/v1/grants/${first.id}/close?wait=30`, { key: broker().keys.agent });
  sealed = first.id;
  open = (await openGrant(broker(), shop.name)).id;
});
afterAll(async () => {
  await call(broker(), 'POST', `/v1/grants/${open}/close?wait=30`, { key: broker().keys.agent });
  await shop?.drop();
  await rm(folder, { recursive: true });
});

describe('doorwarden grants', () => {
  it('lists them under the names of the columns, with whole ids and no hidden character where there is no terminal', async () => {
    const { exitCode, stdout } = await doorwardenAs(broker(), 'operator', ['grants', '--target', shop.name]);
    const [names, newest, oldest] = stdout.split('\n');
    expect(exitCode).toBe(0);
    expect(names).toMatch(/^id +state +principal +target +asked for at +ends +task$/);
    expect(newest).toMatch(new RegExp(`^${open}  active +test-agent +${shop.name} `));
    expect(oldest).toContain('completed');
    expect(oldest).toContain('Count⟨U+202E⟩ the orders');
  });

  it('reads page after page, filters, and answers JSON as the API does', async () => {
    const of = ['grants', 'list', '--target', shop.name];
    const { stdout } = await doorwardenAs(broker(), 'operator', [...of, '--state', 'active', '--json', '--all']);
    expect(JSON.parse(stdout)).toMatchObject({ items: [{ id: open, state: 'active' }], next: null });
    const one = await doorwardenAs(broker(), 'operator', [...of, '--limit', '1', '-q']);
    expect(one.stdout).toBe(`${open}\n`);
    const cut = await doorwardenAs(broker(), 'operator', [...of, '--limit', '1']);
    expect(cut.stderr).toBe('… and more than these 1; see --limit, --all and the filters\n');
    const before = await doorwardenAs(broker(), 'operator', [...of, '--to', '30d']);
    expect(before.stdout).toBe('No grant fits these filters.\n');
  });

  it('ends without a word where the reader of a pipe has seen enough', async () => {
    const { exitCode, stderr } = await runProgram(
      'bash',
      ['-c', `'${process.execPath}' '${PROGRAM}' grants --all --json | true; exit "\${PIPESTATUS[0]}"`],
      { env: { DOORWARDEN_API: broker().api, DOORWARDEN_API_KEY: broker().keys.operator } },
    );
    expect([exitCode, stderr]).toEqual([0, '']);
  });

  it('shows one by the beginning of its id, with its access in the words of its protocol', async () => {
    const shown = await doorwardenAs(broker(), 'operator', ['grants', 'show', open.slice(0, 20)]);
    expect(shown.stdout).toMatch(new RegExp(`^access +SELECT on ${shop.database}\\.\\*$`, 'm'));
    expect(shown.stdout).toMatch(/^principal +test-agent \(agent\)$/m);
    const none = await doorwardenAs(broker(), 'operator', ['grants', 'show', '0000000']);
    expect([none.exitCode, none.stderr]).toEqual([2, 'doorwarden grants: No id begins with "0000000".\n']);
  });

  it('follows one until it has ended, and says which roles may end it', async () => {
    const { id } = await openGrant(broker(), shop.name);
    const watched = doorwardenAs(broker(), 'operator', ['grants', 'watch', id, '--json']);
    const refused = await doorwardenAs(broker(), 'reviewer', ['grants', 'revoke', id]);
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain('needs the permission grant.revoke. Roles that have it: approver, operator.');
    const revoked = await doorwardenAs(broker(), 'operator', ['grants', 'revoke', id, '--wait', '30', '--reason', 'x']);
    expect(revoked.stdout).toContain(`The grant ${id} is sealed.`);
    const states = (await watched).stdout
      .trim()
      .split('\n')
      .map((line): unknown => Object(JSON.parse(line)).state);
    expect(states.at(-1)).toBe('sealed');
    expect((await watched).exitCode).toBe(0);
  });

  it('lets an agent close its own', async () => {
    const { id } = await openGrant(broker(), shop.name);
    const { exitCode, stdout } = await doorwardenAs(broker(), 'agent', ['grants', 'close', id, '--wait', '30']);
    expect([exitCode, stdout]).toEqual([
      0,
      `The grant ${id} is sealed. Its recording: doorwarden recordings show ${id}\n`,
    ]);
    expect((await doorwardenAs(broker(), 'agent', ['grants', 'close', id])).exitCode).toBe(0);
    const notTheirs = await doorwardenAs(broker(), 'operator', ['grants', 'close', id]);
    expect([notTheirs.exitCode, notTheirs.stderr]).toEqual([1, expect.stringContaining('Roles that have it: agent.')]);
  });
});

it('on a terminal, lists fit the screen, ids are short, and a question is asked before a grant is revoked', async () => {
  const { id } = await openGrant(broker(), shop.name, { task: { title: 'x'.repeat(150) } });
  const env = { DOORWARDEN_API: broker().api, DOORWARDEN_API_KEY: broker().keys.operator };
  const list = new Screen(env, `grants --target ${shop.name} --state active`);
  await list.until(id.slice(0, 12));
  await list.until('x…');
  expect(await list.ended()).toBe(0);
  const revoke = new Screen(env, `grants revoke ${id.slice(0, 20)}`);
  await revoke.until('Revoke the grant of test-agent on');
  revoke.type('no');
  await revoke.until('Nothing was done.');
  expect(await revoke.ended()).toBe(130);
  await doorwardenAs(broker(), 'agent', ['grants', 'close', id, '--wait', '30']);
}, 90_000);

describe('doorwarden recordings', () => {
  it('lists and shows them', async () => {
    const { stdout } = await doorwardenAs(broker(), 'reviewer', ['recordings', '--target', shop.name]);
    expect(stdout).toMatch(new RegExp(`^${sealed}  sealed +test-agent +${shop.name}`, 'm'));
    const shown = await doorwardenAs(broker(), 'reviewer', ['recordings', 'show', sealed]);
    expect(shown.stdout).toMatch(/^SHA-256 +[0-9a-f]{64}$/m);
  });

  it('downloads one whole or not at all, for its owner alone, and never over another file', async () => {
    const file = join(folder, 'task.tar');
    const args = ['recordings', 'download', sealed, '--output', file];
    const { exitCode, stdout } = await doorwardenAs(broker(), 'reviewer', args);
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining(`doorwarden verify ${file} --sha256 `)]);
    const digest = createHash('sha256')
      .update(await readFile(file))
      .digest('hex');
    expect(stdout).toContain(digest);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const again = await doorwardenAs(broker(), 'reviewer', args);
    expect([again.exitCode, again.stderr]).toEqual([2, expect.stringContaining('is there already.')]);
    expect((await doorwardenAs(broker(), 'reviewer', [...args, '--force'])).exitCode).toBe(0);
    const early = await doorwardenAs(broker(), 'reviewer', ['recordings', 'download', open], { cwd: folder });
    expect([early.exitCode, early.stderr]).toEqual([1, expect.stringContaining('goes on.')]);
    expect(await readdir(folder)).toEqual(['task.tar']);
    const verified = await doorwardenAs(broker(), 'reviewer', ['verify', file, '--sha256', digest]);
    expect(verified.exitCode).toBe(0);
  });
});

it('doorwarden statements finds what was sent, and says what it looked at', async () => {
  await untilFound(broker(), { grant: sealed, kind: 'select' }, 1);
  const args = ['statements', 'total', 'orders', '--grant', sealed.slice(0, 22), '--kind', 'select'];
  const found = await doorwardenAs(broker(), 'reviewer', args);
  expect(found.stdout).toMatch(new RegExp(`${sealed}.* allow +3 +SELECT total FROM ${shop.database}\\.orders$`, 'm'));
  expect(found.stderr).toMatch(/^1 found/);
  const json = await doorwardenAs(broker(), 'reviewer', [...args, '--json']);
  expect(JSON.parse(json.stdout)).toMatchObject({ items: [{ grant: sealed }], next: null, count: { value: 1 } });
  const refused = await doorwardenAs(broker(), 'agent', args);
  expect(refused.stderr).toContain('Roles that have it: reviewer.');
});

describe('doorwarden targets', () => {
  it('shows operators where they are, and others what they may ask for', async () => {
    const full = await doorwardenAs(broker(), 'operator', ['targets', 'show', shop.name]);
    expect(full.stdout).toMatch(/^account +prov_\w+ \(dynamic\)$/m);
    const summary = await doorwardenAs(broker(), 'agent', ['targets', 'show', shop.name]);
    expect(summary.stdout).toMatch(/^limit privileges +SELECT/m);
    expect(summary.stdout).not.toMatch(/^(?:account|at) /m);
    expect(summary.stdout).toMatch(/^who asks for it +\S/m);
    const list = await doorwardenAs(broker(), 'operator', ['targets', '--all']);
    expect(list.stdout).toMatch(new RegExp(`^${shop.name} +mysql +mariadb `, 'm'));
    for (const { stdout } of [full, list]) expect(stdout).not.toContain(shop.password);
  });

  it('has a gateway try one, and fails where that fails', async () => {
    const good = await doorwardenAs(broker(), 'operator', ['targets', 'test', shop.name]);
    expect([good.exitCode, good.stdout]).toEqual([0, expect.stringMatching(/^login +ok/m)]);
    const none = await doorwardenAs(broker(), 'operator', ['targets', 'test', 'none']);
    expect([none.exitCode, none.stderr]).toEqual([1, expect.stringContaining('(target_not_found)')]);
  });
});

it('doorwarden principals lists by role, and shows one', async () => {
  const list = await doorwardenAs(broker(), 'operator', ['principals', '--role', 'agent', '--text', 'test-']);
  expect(list.stdout).toMatch(/^test-agent +agent +agent +- +- +enabled +1 /m);
  expect(list.stdout).not.toContain('test-operator');
  const shown = await doorwardenAs(broker(), 'operator', ['principals', 'show', 'test-approver']);
  expect(shown.stdout).toMatch(/^roles +approver$/m);
});

it('doorwarden policy try tells access in the words of the target’s protocol', async () => {
  const args = ['policy', 'try', '--target', shop.name, '--grant-request', '{"ttlSeconds": 60}'];
  const tried = await doorwardenAs(broker(), 'operator', args);
  expect(tried.stdout).toMatch(new RegExp(`^access +SELECT on ${shop.database}\\.\\*$`, 'm'));
  const statement = await doorwardenAs(broker(), 'operator', [...args.slice(0, 4), 'DELETE FROM orders']);
  expect(statement.stdout).toMatch(/^understood as +delete \(delete\)$/m);
});
