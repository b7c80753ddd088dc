import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  apiKeyList,
  apiKeyView,
  newApiKeyView,
  principalPage,
  principalView,
} from '../../src/contracts/identity/principal.js';
import { problemView } from '../../src/contracts/problem.js';
import { type ApiCall, callApi } from '../../src/client/api-call.js';
import { problemOf } from '../support/http.js';
import { ROOT } from '../support/folders.js';
import { useSharedBroker } from '../support/shared-broker.js';

const broker = useSharedBroker();

function call(path: string, options: ApiCall = {}) {
  return callApi(broker().api, path, { key: broker().keys.operator, ...options });
}

async function makePrincipal(name: string, role: string, kind = role === 'agent' ? 'agent' : 'user') {
  return call('/v1/principals', { method: 'POST', body: { name, kind, roles: [role] } });
}

async function makeKey(name: string) {
  return newApiKeyView.parse((await call(`/v1/principals/${name}/keys`, { method: 'POST', body: {} })).body);
}

/** Runs `doorwarden keys` and gives what it prints. */
async function runKeys(...args: readonly string[]): Promise<string> {
  const program = join(ROOT, 'dist', 'apps', 'cli', 'main.js');
  const { stdout } = await promisify(execFile)(process.execPath, [program, 'keys', ...args], { env: broker().env });
  return stdout;
}

describe('principals', () => {
  it('are made, found and listed', async () => {
    const made = await makePrincipal('ada@example.org', 'reviewer');
    expect(made.status).toBe(201);
    const view = principalView.parse(made.body);
    expect(view).toMatchObject({ kind: 'user', roles: ['reviewer'], disabledAt: null });
    expect((await call('/v1/principals/ada@example.org')).body).toEqual({ ...view, keys: 0, alike: [] });
  });

  it('are sought by a part of a name, kind, role, group and state', async () => {
    await makePrincipal('sought_one', 'agent');
    await makePrincipal('sought-two', 'approver');
    await makeKey('sought-two');
    await call('/v1/principals/sought-two', { method: 'PATCH', body: { groups: ['dba_a'] } });
    await call('/v1/principals/sought_one', { method: 'PATCH', body: { disabled: true } });
    const namesOf = async (query: string) =>
      principalPage.parse((await call(`/v1/principals?${query}`)).body).items.map(({ name }) => name);
    expect(await namesOf('text=OUGHT')).toEqual(['sought-two', 'sought_one']);
    expect(await namesOf('text=sought_')).toEqual(['sought_one']);
    expect(await namesOf('text=%25')).toEqual([]);
    expect(await namesOf('text=sought&kind=agent')).toEqual(['sought_one']);
    expect(await namesOf('text=sought&role=approver')).toEqual(['sought-two']);
    expect(await namesOf('group=dba_a')).toEqual(['sought-two']);
    expect(await namesOf('group=dba-a')).toEqual([]);
    expect(await namesOf('text=sought&state=disabled')).toEqual(['sought_one']);
    expect(await namesOf('text=sought&state=enabled&provider=corp')).toEqual([]);
    expect((await call('/v1/principals/sought-two')).body).toMatchObject({ keys: 1 });
  });

  it('are listed by pages, each of them once', async () => {
    const names: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const answer = await call(`/v1/principals?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
      const page = principalPage.parse(answer.body);
      names.push(...page.items.map(({ name }) => name));
      cursor = page.next;
    }
    expect(names).toEqual(expect.arrayContaining(['test-operator', 'test-agent', 'test-approver', 'test-reviewer']));
    expect(new Set(names).size).toBe(names.length);
  });

  it('keep their names to themselves', async () => {
    await makePrincipal('twin', 'agent');
    expect(problemOf(await makePrincipal('twin', 'agent'))).toMatchObject({ status: 409, code: 'principal_exists' });
  });

  it.each([
    { kind: 'agent', roles: ['agent', 'approver'] },
    { kind: 'agent', roles: ['operator'] },
    { kind: 'user', roles: ['agent'] },
    { kind: 'service', roles: ['operator', 'agent'] },
  ])('are never an agent and something else: %o', async (body) => {
    const answer = await call('/v1/principals', { method: 'POST', body: { name: 'mixed', ...body } });
    expect(problemOf(answer)).toMatchObject({ status: 422, code: 'principal_roles_conflict' });
  });

  it('are refused with fields that the schema does not know', async () => {
    const body = { name: 'x', kind: 'agent', roles: ['agent'], admin: true };
    const problem = problemView.parse((await call('/v1/principals', { method: 'POST', body })).body);
    expect(problem).toMatchObject({ status: 400, code: 'request_invalid', instance: '/v1/principals' });
    expect(problem.errors).toEqual([{ path: '', message: 'Unrecognized key: "admin"' }]);
  });

  it('are only for operators', async () => {
    for (const role of ['agent', 'approver', 'reviewer'] as const) {
      const answer = await call('/v1/principals', { key: broker().keys[role] });
      expect(problemOf(answer)).toMatchObject({ status: 403, code: 'forbidden' });
    }
  });

  it('that nobody made are not found', async () => {
    expect(problemOf(await call('/v1/principals/nobody'))).toMatchObject({ status: 404, code: 'principal_not_found' });
  });
});

describe('API keys', () => {
  it('are shown once and then only known', async () => {
    await makePrincipal('keyed', 'agent');
    const body = { label: 'CI' };
    const made = await call('/v1/principals/keyed/keys', { method: 'POST', body });
    expect(made.status).toBe(201);
    const { key, ...view } = newApiKeyView.parse(made.body);
    expect(key).toMatch(/^dw_[a-z2-7]{8}_[\w-]{43}$/);
    expect((await call('/v1/targets', { key })).status).toBe(200);
    const list = await call('/v1/principals/keyed/keys');
    expect(list.body).toEqual({ items: [apiKeyView.parse(view)], next: null });
    expect(JSON.stringify(list.body)).not.toContain(key);
  });

  it('are listed and revoked by their own principal, who needs no operator for it', async () => {
    await makePrincipal('own-keys', 'reviewer');
    const { id, key } = await makeKey('own-keys');
    await makePrincipal('others-keys', 'agent');
    const { id: others } = await makeKey('others-keys');
    const second = newApiKeyView.parse(
      (await call('/v1/principals/own-keys/keys', { method: 'POST', body: { label: 'second' }, key })).body,
    );
    const list = apiKeyList.parse((await call('/v1/me/keys', { key })).body);
    expect(list.items.map((item) => item.id).toSorted()).toEqual([id, second.id].toSorted());
    expect(JSON.stringify(list)).not.toContain(second.key);
    expect((await call(`/v1/me/keys/${second.id}`, { key, method: 'DELETE' })).status).toBe(204);
    expect(problemOf(await call(`/v1/me/keys/${others}`, { key, method: 'DELETE' }))).toMatchObject({
      code: 'api_key_not_found',
    });
    expect(problemOf(await call('/v1/me/keys', { key: second.key }))).toMatchObject({ status: 401 });
    expect(problemOf(await call('/v1/me/keys', { key: broker().keys.agent }))).toMatchObject({ code: 'forbidden' });
  });

  it('that were revoked do not work any more', async () => {
    await makePrincipal('fired', 'agent');
    const { id, key } = await makeKey('fired');
    expect((await call('/v1/targets', { key })).status).toBe(200);
    expect((await call(`/v1/principals/fired/keys/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect(problemOf(await call('/v1/targets', { key }))).toMatchObject({ status: 401, code: 'unauthenticated' });
  });

  it.each(['approver', 'reviewer', 'operator'])(
    'of a principal that decides, reads recordings or makes keys (%s), beside the first, take itself or a second operator',
    async (role) => {
      const name = `guarded-${role}`;
      await makePrincipal(name, role);
      const make = (body: object, key = broker().keys.operator) =>
        call(`/v1/principals/${name}/keys`, { method: 'POST', body, key });
      const first = await makeKey(name);
      expect(first.madeBy).toBe('test-operator');

      const refused = await make({});
      expect(problemOf(refused)).toMatchObject({ status: 409, code: 'key_needs_second_operator' });
      const { request } = z.looseObject({ request: z.string() }).parse(refused.body);
      // The same operator is no second one, under no name that it made itself.
      expect(problemOf(await make({ request }))).toMatchObject({ status: 403, code: 'key_request_own' });
      await makePrincipal(`mole-${role}`, 'operator');
      const mole = await makeKey(`mole-${role}`);
      expect(problemOf(await make({ request }, mole.key))).toMatchObject({ code: 'key_request_own' });
      const moles = await call(`/v1/principals/mole-${role}/keys`, { method: 'POST', body: {}, key: mole.key });
      const own = newApiKeyView.parse(moles.body).key;
      expect(problemOf(await make({ request }, own))).toMatchObject({ code: 'key_request_own' });

      const { key: second } = z
        .object({ key: z.string() })
        .parse(JSON.parse(await runKeys('create', '--principal', `second-to-${role}`, '--role', 'operator')));
      const made = await make({ request, label: 'asked for by two' }, second);
      expect({ status: made.status, body: made.body }).toMatchObject({
        status: 201,
        body: { madeBy: `second-to-${role}`, label: 'asked for by two' },
      });
      expect(problemOf(await make({ request }, second))).toMatchObject({ status: 404, code: 'key_request_not_found' });

      expect(await make({}, first.key)).toMatchObject({ status: 201, body: { madeBy: name } });
      if (role === 'operator') return;
      const others = await call('/v1/principals/test-agent/keys', { method: 'POST', body: {}, key: first.key });
      expect(problemOf(others)).toMatchObject({ status: 403, code: 'forbidden' });
    },
  );

  it('of an agent are made by one operator, as many as it needs', async () => {
    await makePrincipal('many', 'agent');
    await makeKey('many');
    expect((await makeKey('many')).madeBy).toBe('test-operator');
  });

  it('cannot be revoked through another principal', async () => {
    await makePrincipal('owner', 'agent');
    const { id, key } = await makeKey('owner');
    const answer = await call(`/v1/principals/test-agent/keys/${id}`, { method: 'DELETE' });
    expect(problemOf(answer)).toMatchObject({ status: 404, code: 'api_key_not_found' });
    expect((await call('/v1/targets', { key })).status).toBe(200);
  });

  it('sleep while their principal is disabled', async () => {
    await makePrincipal('resting', 'agent');
    const { key } = await makeKey('resting');
    const set = (disabled: boolean) => call('/v1/principals/resting', { method: 'PATCH', body: { disabled } });
    expect(principalView.parse((await set(true)).body).disabledAt).not.toBeNull();
    expect((await call('/v1/targets', { key })).status).toBe(401);
    expect(principalView.parse((await set(false)).body).disabledAt).toBeNull();
    expect((await call('/v1/targets', { key })).status).toBe(200);
  });

  it.each([undefined, '', 'dw_x', `dw_aaaaaaaa_${'A'.repeat(43)}`])('do not work when made up: %j', async (key) => {
    // Not by the client of the API, which sends no empty key.
    const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
    const answer = await fetch(`${broker().api}/v1/targets`, { headers });
    const body: unknown = await answer.json();
    expect(problemOf({ status: answer.status, headers: answer.headers, body })).toMatchObject({
      status: 401,
      code: 'unauthenticated',
    });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });

  it('do not work with one letter changed', async () => {
    const key = broker().keys.agent;
    const changed = `${key.slice(0, -2)}${key.at(-2) === 'A' ? 'B' : 'A'}${key.slice(-1)}`;
    expect((await call('/v1/targets', { key: changed })).status).toBe(401);
  });
});

describe('the command line', () => {
  const created = z.object({ principal: z.string(), key: z.string() });

  it('makes a key that works, and its principal with it', async () => {
    const { key } = created.parse(JSON.parse(await runKeys('create', '--principal', 'cli', '--role', 'reviewer')));
    expect((await call('/v1/recordings', { key })).status).toBe(200);
    await runKeys('create', '--principal', 'cli', '--role', 'reviewer', '--label', 'second');
    expect(JSON.parse(await runKeys('list', '--principal', 'cli'))).toHaveLength(2);
  });

  it('makes a key that ends and is narrowed, and lists it so', async () => {
    const wanted = ['--role', 'reviewer', '--expires', '90d', '--scope', 'recording.read', 'grant.read'];
    const madeMs = Date.now();
    const { key } = created.parse(JSON.parse(await runKeys('create', '--principal', 'narrow', ...wanted)));
    expect((await call('/v1/recordings', { key })).status).toBe(200);
    expect((await call('/v1/approvals', { key })).status).toBe(403);
    const [listed] = z.array(apiKeyView).parse(JSON.parse(await runKeys('list', '--principal', 'narrow')));
    expect(listed?.scope).toEqual(['recording.read', 'grant.read']);
    const days = (Date.parse(listed?.expiresAt ?? '') - madeMs) / 86_400_000;
    expect(Math.round(days)).toBe(90);
    const wrong = runKeys('create', '--principal', 'narrow', '--role', 'reviewer', '--scope', 'approval.decide');
    await expect(wrong).rejects.toThrow(/key_scope_invalid/);
  });

  it('revokes a key', async () => {
    const { key } = created.parse(JSON.parse(await runKeys('create', '--principal', 'cli2', '--role', 'agent')));
    await runKeys('revoke', '--principal', 'cli2', '--id', key.slice(3, 11));
    expect((await call('/v1/targets', { key })).status).toBe(401);
  });

  it('gives nobody a role that they do not have', async () => {
    const failed = runKeys('create', '--principal', 'test-agent', '--role', 'operator');
    await expect(failed).rejects.toThrow(/test-agent is there with the roles agent/);
  });

  it('says in words what does not fit', async () => {
    const failed = runKeys('create', '--principal', 'Not A Name', '--role', 'agent').catch((error: unknown) => error);
    const told = String(Reflect.get(Object(await failed), 'stderr'));
    expect(told).toContain('must be 1 to 128 of a-z');
    expect(told).not.toMatch(/^ +at /m);
  });
});
