import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { policyList, policyTrialView, policyVersionPage, policyView } from '../../src/contracts/policies/policy.js';
import { type ApiCall, callApi } from '../../src/client/api-call.js';
import { problemOf } from '../support/http.js';
import { type Role } from '../../src/domain/principal.js';
import { engines, servers } from '../support/engines.js';
import { COMPILED, ROOT } from '../support/folders.js';
import { registerShop, type ShopTarget } from '../support/grants.js';
import { useSharedBroker } from '../support/shared-broker.js';

const run = promisify(execFile);
const broker = useSharedBroker('default');

const READS = '@id("reads") permit(principal, action == Action::"read", resource);';

function call(path: string, options: ApiCall & { readonly as?: Role } = {}) {
  const { as = 'operator', ...rest } = options;
  return callApi(broker().api, path, { key: broker().keys[as], ...rest });
}

function put(name: string, text: string, more: object = {}, as: Role = 'operator') {
  return call(`/v1/policies/${name}`, { method: 'PUT', body: { text, ...more }, as });
}

async function inForce() {
  return policyList.parse((await call('/v1/policies')).body);
}

describe('policies', () => {
  // That a new installation has them as its first revision: test/e2e/quickstart.test.ts.
  it('begin with the default ones, which nobody wrote', async () => {
    const list = await inForce();
    expect(list.items).toMatchObject([{ name: 'default', updatedBy: null }]);
    expect(policyView.parse((await call('/v1/policies/default')).body).text).toContain('@id("reads")');
  });

  it.each([
    ['operator', 200, 201],
    ['approver', 200, 403],
    ['reviewer', 200, 403],
    ['agent', 403, 403],
  ] as const)('are read and written by those who may: %s', async (as, reading, writing) => {
    expect((await call('/v1/policies', { as })).status).toBe(reading);
    expect((await call('/v1/policies/default', { as })).status).toBe(reading);
    const written = await put(`of-${as}`, READS, {}, as);
    expect(written.status).toBe(writing === 201 ? 200 : writing);
    const deleted = await call(`/v1/policies/of-${as}`, { method: 'DELETE', as });
    expect(deleted.status).toBe(writing === 201 ? 204 : writing);
  });

  it('are written, listed, changed and deleted, and every version is kept', async () => {
    const first = policyView.parse((await put('mine', READS)).body);
    expect(first).toMatchObject({ name: 'mine', text: READS, updatedBy: 'test-operator' });
    const second = policyView.parse((await put('mine', `${READS}\n`)).body);
    expect(second.revision).toBe(first.revision + 1);
    expect((await call('/v1/policies/mine', { method: 'DELETE' })).status).toBe(204);
    expect(problemOf(await call('/v1/policies/mine'))).toMatchObject({ status: 404, code: 'policy_not_found' });
    expect(problemOf(await call('/v1/policies/mine', { method: 'DELETE' })).code).toBe('policy_not_found');

    const page = policyVersionPage.parse((await call('/v1/policies/mine/versions?limit=2')).body);
    expect(page.items).toMatchObject([
      { revision: second.revision + 1, text: null, changedBy: 'test-operator' },
      { revision: second.revision, text: `${READS}\n` },
    ]);
    const rest = policyVersionPage.parse((await call(`/v1/policies/mine/versions?limit=2&cursor=${page.next}`)).body);
    expect(rest).toMatchObject({ items: [{ revision: first.revision, text: READS }], next: null });
    expect((await call('/v1/policies/never/versions')).status).toBe(404);
  });

  it('keep why they were changed, in their versions and in the administrative record', async () => {
    const reason = 'Reads of the shop run at once.';
    expect((await put('why', READS, { reason })).status).toBe(200);
    expect((await put('why', `${READS}\n`)).status).toBe(200);
    const gone = await call('/v1/policies/why?reason=It%20was%20a%20trial.', { method: 'DELETE' });
    expect(gone.status).toBe(204);
    const { items } = policyVersionPage.parse((await call('/v1/policies/why/versions')).body);
    expect(items.map((version) => version.reason)).toEqual(['It was a trial.', null, reason]);
    const record = z.object({ items: z.array(z.looseObject({ act: z.string(), why: z.string().nullable() })) });
    const entries = record.parse((await call('/v1/record?limit=20')).body).items;
    expect(entries).toContainEqual(expect.objectContaining({ act: 'policy.put', why: reason }));
    expect(entries).toContainEqual(expect.objectContaining({ act: 'policy.deleted', why: 'It was a trial.' }));
    expect(problemOf(await put('why', READS, { reason: 'two\nlines' })).code).toBe('request_invalid');
  });

  it('are warned of where they let run what nobody understands', async () => {
    const text = `${READS}\n@id("all") permit(principal, action, resource);`;
    const written = policyView.parse((await put('wide', text)).body);
    expect(written.warnings).toMatchObject([{ policy: 'wide#all', line: 2, code: 'permits-unparsed' }]);
    expect(policyView.parse((await call('/v1/policies/wide')).body).warnings).toEqual(written.warnings);
    expect((await inForce()).items.map(({ problem }) => problem)).toEqual([null, null]);
    expect((await call('/v1/policies/wide', { method: 'DELETE' })).status).toBe(204);
  });

  it('that cannot be used are refused with line and reason, and those in force stay', async () => {
    const before = await inForce();
    const refused = problemOf(await put('default', `${READS}\npermit(principal, action == Action::"fly", resource);`));
    expect(refused).toMatchObject({
      status: 422,
      code: 'policy_invalid',
      policy: 'default',
      line: 2,
      column: 29,
      detail: expect.stringContaining('Policy default, line 2, column 29: unrecognized action'),
    });
    expect(problemOf(await put('other', 'permit(principal')).code).toBe('policy_invalid');
    expect(await inForce()).toEqual(before);
  });

  it.each(['try', 'UPPER', 'a b', '..'])('have no name such as %j', async (name) => {
    expect((await put(encodeURIComponent(name), READS)).status).toBeGreaterThanOrEqual(400);
  });

  it('that are deep or long enough to hurt the engine are refused, and it goes on working', async () => {
    const deep = `permit(principal, action, resource) when { ${'('.repeat(20_000)}true${')'.repeat(20_000)} };`;
    expect(problemOf(await put('deep', deep)).code).toBe('policy_invalid');
    expect(problemOf(await put('long', ' '.repeat(70_000))).code).toBe('request_invalid');
    expect((await put('plain', READS)).status).toBe(200);
    expect((await call('/v1/policies/plain', { method: 'DELETE' })).status).toBe(204);
  });

  it('may not be more, all together, than gateways can compile between two statements', async () => {
    const text = `// ${'x'.repeat(60_000)}\n${READS}`;
    expect((await put('large-1', text)).status).toBe(200);
    expect((await put('large-2', text)).status).toBe(200);
    const problem = problemOf(await put('large-3', text));
    expect(problem).toMatchObject({ code: 'policy_invalid', detail: expect.stringContaining('131072') });
    for (const name of ['large-1', 'large-2']) await call(`/v1/policies/${name}`, { method: 'DELETE' });
  });

  it('are changed only over the revision that a change names', async () => {
    const { revision } = policyView.parse((await put('shared', READS, { revision: 0 })).body);
    const taken = problemOf(await put('shared', READS, { revision: 0 }));
    expect(taken).toMatchObject({ status: 409, code: 'policy_changed', revision });
    expect((await put('shared', `${READS} `, { revision })).status).toBe(200);
    expect(problemOf(await put('shared', READS, { revision })).code).toBe('policy_changed');
    const stale = await call(`/v1/policies/shared?revision=${revision}`, { method: 'DELETE' });
    expect(problemOf(stale).code).toBe('policy_changed');
    expect((await call(`/v1/policies/shared?revision=${revision + 1}`, { method: 'DELETE' })).status).toBe(204);
  });

  it('changed by many at once lose no change: anyone who is told 200 wrote a version of its own', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, (_, index) => put(`many-${index}`, READS)));
    const written = answers.filter(({ status }) => status === 200).map(({ body }) => policyView.parse(body));
    expect(written.length).toBeGreaterThan(0);
    for (const answer of answers) if (answer.status !== 200) expect(problemOf(answer).code).toBe('policy_changed');
    expect(new Set(written.map(({ revision }) => revision)).size).toBe(written.length);
    const names = (await inForce()).items.map(({ name }) => name);
    expect(names.filter((name) => name.startsWith('many-')).sort()).toEqual(written.map(({ name }) => name).sort());
    for (const { name } of written) await call(`/v1/policies/${name}`, { method: 'DELETE' });
  });
});

describe.each(engines())('a trial on $flavour $version', (engine) => {
  let shop: ShopTarget;

  beforeAll(async () => {
    shop = await registerShop(broker(), engine);
  });
  afterAll(() => shop?.drop());

  async function attempt(body: object, as: Role = 'operator') {
    const answer = await call('/v1/policies/try', { body: { target: shop.name, ...body }, as });
    expect(answer.body).toMatchObject({ catalog: false });
    return policyTrialView.parse(answer.body);
  }

  it.each([
    ['SELECT * FROM orders WHERE id = ?', 'allow', 'default#reads'],
    ['UPDATE orders SET total = 0 WHERE id = 1', 'hold', 'default#writes'],
    ['DELETE FROM orders', 'hold', 'default#wide-writes'],
    ['ALTER TABLE orders ADD note TEXT', 'hold', 'default#schema'],
    ["SELECT 'unclosed", 'hold', 'default#not-understood'],
    ['DROP TABLE orders', 'deny', 'default#drops'],
    ["CREATE USER eve IDENTIFIED BY 'x'", 'deny', 'default#server'],
  ])('says what a statement would get, and by which policies: %s', async (statement, verdict, policy) => {
    const trial = await attempt({ statement, principal: 'test-agent', values: [1] });
    expect(trial).toMatchObject({ verdict, policies: expect.arrayContaining([policy]) });
    expect(trial.facts).toMatchObject({ statements: 1 });
    expect(trial.version).toBe((await inForce()).version);
  });

  it('says why, and how people would be asked', async () => {
    const trial = await attempt({ statement: 'DELETE FROM orders', inTransaction: true });
    expect(trial.why).toBe(`DELETE on ${shop.database}.orders has no WHERE that names a column.`);
    expect(trial.hold).toMatchObject({
      quorum: 1,
      transactionHoldSeconds: 30,
      warning: expect.stringContaining('every'),
    });
  });

  it('says how those who decide must be known, and where they are asked', async () => {
    const held = '@id("web") @decideIn("web") @reauthenticate("15m") @slack("C01")';
    await put(
      'signed-in',
      `${held} forbid(principal, action == Action::"delete", resource) unless { context.approved };`,
    );
    const trial = await attempt({ statement: 'DELETE FROM orders WHERE id = 1', principal: 'test-agent' });
    expect(trial).toMatchObject({
      verdict: 'hold',
      hold: { decideIn: 'web', reauthenticateSeconds: 900, slackChannels: ['C01'] },
    });
    expect((await call('/v1/policies/signed-in', { method: 'DELETE' })).status).toBe(204);
  });

  it('says what a request for a grant would get, and which of its privileges would stand', async () => {
    const access = [{ database: shop.database, privileges: 'ALL' }];
    expect(await attempt({ grantRequest: { access, ttlSeconds: 60 } }, 'approver')).toMatchObject({
      verdict: 'allow',
      policies: ['default#grants'],
      facts: null,
      access: [{ database: shop.database, privileges: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'] }],
      standing: [{ database: shop.database, privileges: ['SELECT'] }],
    });
  });

  it('goes by a draft that is not in force, for those who may write one', async () => {
    const draft = {
      name: 'default',
      text: `${READS}\n@id("no") forbid(principal, action == Action::"read", resource);`,
    };
    const body = { target: shop.name, statement: 'SELECT 1', draft };
    const drafted = policyTrialView.parse((await call('/v1/policies/try', { method: 'POST', body })).body);
    expect(drafted).toMatchObject({ verdict: 'deny', policies: ['default#no'], warnings: [] });
    const without = { ...body, draft: { name: 'default', text: null } };
    const none = policyTrialView.parse((await call('/v1/policies/try', { method: 'POST', body: without })).body);
    expect(none).toMatchObject({ verdict: 'deny', policies: [] });
    const asApprover = await call('/v1/policies/try', { method: 'POST', body, as: 'approver' });
    expect(problemOf(asApprover)).toMatchObject({ status: 403, code: 'forbidden' });
    const broken = { ...body, draft: { name: 'default', text: 'permit(' } };
    expect(problemOf(await call('/v1/policies/try', { method: 'POST', body: broken }))).toMatchObject({
      code: 'policy_invalid',
      line: 1,
    });
  });

  it('goes by a change at once', async () => {
    await put('closed', '@id("all") @why("Closed today") forbid(principal is Agent, action, resource);');
    const trial = await attempt({ statement: 'SELECT 1', principal: 'test-agent' });
    expect(trial).toMatchObject({ verdict: 'deny', policies: ['closed#all'], why: 'Closed today.' });
    expect((await attempt({ statement: 'SELECT 1' })).verdict).toBe('allow');
    await call('/v1/policies/closed', { method: 'DELETE' });
  });

  it('is for those who may, of principals and targets that are there', async () => {
    const body = { target: shop.name, statement: 'SELECT 1' };
    for (const as of ['agent', 'reviewer'] as const) {
      expect((await call('/v1/policies/try', { body, as })).status).toBe(403);
    }
    const codeOf = async (over: object) => {
      return problemOf(await call('/v1/policies/try', { body: { ...body, ...over } })).code;
    };
    expect(await codeOf({ principal: 'nobody' })).toBe('principal_not_found');
    expect(await codeOf({ target: 'nowhere' })).toBe('target_not_found');
    expect(await codeOf({ grantRequest: { ttlSeconds: 1 } })).toBe('request_invalid');
  });
});

describe('doorwarden policy', () => {
  let folder: string;
  let shop: ShopTarget;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'doorwarden-policy-'));
    shop = await registerShop(broker(), servers().mariadb);
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
    await shop?.drop();
  });

  async function cli(args: readonly string[], as: Role = 'operator') {
    const main = join(ROOT, 'dist', 'apps', 'cli', 'main.js');
    const env = {
      PATH: process.env['PATH'],
      ...COMPILED,
      DOORWARDEN_API: broker().api,
      DOORWARDEN_API_KEY: broker().keys[as],
    };
    try {
      const { stdout, stderr } = await run(process.execPath, [main, 'policy', ...args], { env });
      return { code: 0, stdout, stderr };
    } catch (error) {
      const failed = error as { readonly code: number; readonly stdout: string; readonly stderr: string };
      return { code: failed.code, stdout: failed.stdout, stderr: failed.stderr };
    }
  }

  it('writes, shows, lists and deletes policies', async () => {
    const file = join(folder, 'reads.cedar');
    await writeFile(file, READS);
    expect(await cli(['put', 'cli', file])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('test-operator'),
    });
    expect(await cli(['get', 'cli'])).toMatchObject({ code: 0, stdout: `${READS}\n` });
    const listed = policyList.parse(JSON.parse((await cli(['list', '--json'])).stdout));
    expect(listed.items.map(({ name }) => name)).toEqual(['cli', 'default']);
    expect((await cli(['list'])).stdout).toMatch(/^default +\d+ +\(the broker\) /m);
    expect((await cli(['delete', 'cli'])).code).toBe(0);
  });

  it('says in one line what is wrong', async () => {
    const file = join(folder, 'wrong.cedar');
    await writeFile(file, `${READS}\npermit(principal`);
    const wrong = await cli(['put', 'cli', file]);
    expect(wrong).toMatchObject({ code: 1, stdout: '' });
    expect(wrong.stderr).toMatch(/^doorwarden policy: .*Policy cli, line 2, column \d+: .*\(policy_invalid\)\n$/);
    expect((await cli(['put', 'cli', join(folder, 'absent.cedar')])).stderr).toMatch(/ENOENT/);
    expect((await cli(['list'], 'agent')).stderr).toMatch(/\(forbidden\)\n$/);
    expect((await cli(['list', '--api', 'http://127.0.0.1:1'])).stderr).toMatch(/cannot be reached/);
  });

  it('tries a statement and a request', async () => {
    const tried = await cli(['try', '--target', shop.name, '--principal', 'test-agent', 'DROP TABLE orders']);
    expect(tried.stdout).toMatch(
      /^verdict +deny\nwhy +Databases and tables are not dropped.*\npolicies +default#drops/,
    );
    const request = JSON.stringify({ ttlSeconds: 60 });
    const asked = await cli(['try', '--target', shop.name, '--grant-request', request, '--json']);
    expect(policyTrialView.parse(JSON.parse(asked.stdout))).toMatchObject({ verdict: 'allow' });
    expect(await cli(['try', '--target', shop.name, '--grant-request', '{'])).toMatchObject({ code: 2 });
  });
});
