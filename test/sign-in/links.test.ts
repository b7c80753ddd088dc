import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { PROTOCOLS } from '../../src/apps/protocols.js';
import { meView } from '../../src/contracts/sign-in/session.js';
import { IdentityProviderRepository } from '../../src/persistence/identity/identity-provider.repository.js';
import { vocabulariesOf } from '../../src/protocol/target-protocol.js';
import { makeDatabase } from '../support/databases.js';
import { servers } from '../support/engines.js';
import { makeTemporaryFolder, ROOT } from '../support/folders.js';
import { startFurtherApi } from '../support/further-api.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { prepareState } from '../support/state.js';
import { atState, callWith, cookieIn, makeLink, signIn } from '../support/sign-in.js';

const NO_LIMITS = { LIMIT_FIRST_LINKS_PER_MINUTE: '0', LIMIT_SIGN_IN_FAILURES_PER_10_MINUTES: '0' };
const broker = useSharedBroker();

async function open(path: string, init: RequestInit = {}, api = broker().api) {
  const response = await fetch(`${api}${path}`, { redirect: 'manual', ...init });
  return { status: response.status, text: await response.text(), response };
}

async function runLink(...args: readonly string[]): Promise<string> {
  const program = join(ROOT, 'dist', 'apps', 'cli', 'main.js');
  const { stdout } = await promisify(execFile)(process.execPath, [program, 'sign-in-link', ...args], {
    env: { ...broker().env },
  });
  return stdout;
}

describe('a one-time link', () => {
  it('works once', async () => {
    const path = await makeLink(broker(), 'test-approver');
    const opened = await Promise.all([1, 2, 3, 4].map(() => open(path)));
    expect(opened.map(({ status }) => String(status)).sort()).toEqual(['303', '403', '403', '403']);
    expect(opened.filter(({ text }) => text.includes('link_invalid'))).toHaveLength(3);
  });

  it('is not used up by a browser that looks ahead, a HEAD, or a page that leads to it', async () => {
    const path = await makeLink(broker(), 'test-approver');
    expect((await open(path, { method: 'HEAD' })).status).toBe(204);
    expect((await open(path, { headers: { 'sec-purpose': 'prefetch;prerender' } })).status).toBe(204);
    const cross = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    expect((await open(path, { headers: cross })).status).toBe(403);
    const own = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'no-cors' };
    expect((await open(path, { headers: own })).status).toBe(403);
    expect((await open(path)).status).toBe(303);
  });

  it('works on the machine of the api alone, and through no proxy that nobody named', async () => {
    const path = await makeLink(broker(), 'test-approver');
    for (const header of ['x-forwarded-for', 'forwarded', 'via', 'x-real-ip']) {
      const { status, text } = await open(path, { headers: { [header]: '127.0.0.1' } });
      expect([status, text], header).toEqual([403, expect.stringContaining('link_invalid')]);
    }
    const proxied = await startFurtherApi(broker(), { env: { TRUSTED_PROXY: '127.0.0.1' } });
    const far = { headers: { 'x-forwarded-for': '203.0.113.7' } };
    expect((await open(path, far, proxied.api)).status).toBe(403);
    expect((await open(path, {}, proxied.api)).status).toBe(303);
    const anywhere = await makeLink(broker(), 'test-approver', { anyAddress: true });
    expect((await open(anywhere, far, proxied.api)).status).toBe(303);
    await proxied.stop();
  });

  it('tells a person in a page what was wrong, and a program in a problem', async () => {
    const path = `/auth/link/${'A'.repeat(43)}`;
    const { status, text, response } = await open(path, { headers: { accept: 'text/html,*/*;q=0.8' } });
    expect(status).toBe(403);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(text).toContain('You are not signed in');
    expect(text).toContain('link_invalid');
    expect(text).toContain(response.headers.get('x-request-id') ?? 'no id');
    expect((await open(path)).text).toContain('"code":"link_invalid"');
  });

  it('comes from the command line, for anybody but agents', async () => {
    const said = z
      .object({ principal: z.string(), link: z.string(), minutes: z.number() })
      .parse(JSON.parse(await runLink('--principal', 'test-reviewer', '--api', broker().api)));
    expect(said).toMatchObject({ principal: 'test-reviewer', minutes: 15 });
    const response = await fetch(said.link, { redirect: 'manual' });
    const cookie = `__Host-doorwarden=${cookieIn(response, '__Host-doorwarden')}`;
    const me = meView.parse((await callWith(broker().api, cookie, '/v1/me')).body);
    expect(me.roles).toEqual(['reviewer']);
    expect(Date.parse(me.limits.session?.endsAt ?? '') - Date.now()).toBeLessThanOrEqual(3_600_000);
    await expect(runLink('--principal', 'test-agent')).rejects.toThrow(/link_invalid/);
    await expect(runLink('--principal', 'nobody')).rejects.toThrow(/principal_not_found/);
  });

  it('works no more, and its sessions end, once an identity provider signs people in', async () => {
    const cookie = await signIn(broker(), 'test-approver');
    const path = await makeLink(broker(), 'test-approver');
    await atState(broker(), (source) =>
      new IdentityProviderRepository(source).insert('corp', {
        kind: 'saml',
        purposes: ['people'],
        settings: { issuer: 'https://idp.example' },
        sealedSecret: null,
        changedAtMs: Date.now(),
        changedBy: 'test',
        deletedAtMs: null,
      }),
    );
    await expect.poll(async () => (await callWith(broker().api, cookie, '/v1/me')).code).toBe('session_ended');
    expect((await open(path)).status).toBe(403);
    await expect(makeLink(broker(), 'test-approver')).rejects.toMatchObject({ code: 'link_invalid' });
    const page = await open('/auth/sign-in?return=/approvals', { headers: { accept: 'text/html' } });
    expect(page.text).toContain('href="/auth/saml/corp?return=%2Fapprovals"');
  });
});

/** A state of its own, of which no process runs yet. */
async function newInstallation() {
  const [database, folder] = [await makeDatabase(servers().mariadb), makeTemporaryFolder()];
  await prepareState(
    database.url,
    'default',
    vocabulariesOf(PROTOCOLS).map(({ defaults }) => defaults),
  );
  const own = { DATABASE_URL: database.url, KEYS_DIR: folder, RECORDINGS_DIR: folder, QUEUE_PREFIX: database.database };
  return {
    env: { ...broker().env, ...NO_LIMITS, ...own },
    stateDatabaseUrl: database.url,
    async remove() {
      await Promise.all([database.drop(), rm(folder, { recursive: true, force: true })]);
    },
  };
}

describe('the first link', () => {
  it('is printed where nobody is an operator, lets one in, and is not in the log', async () => {
    const fresh = await newInstallation();
    try {
      await atState(fresh, (source) =>
        source.query("UPDATE principals SET disabled_at = 1 WHERE name = 'test-operator'"),
      );
      const api = await startFurtherApi(fresh, { args: ['--any-address'] });
      const [link = ''] = /http:\/\/127\.0\.0\.1:\d+\/auth\/link\/[\w-]{43}/.exec(api.log()) ?? [];
      expect(new URL(link).port).toBe(String(api.port));
      expect(
        api
          .log()
          .split('\n')
          .filter((line) => line.startsWith('{'))
          .join('\n'),
      ).not.toContain(link);
      const response = await fetch(link, { redirect: 'manual' });
      const cookie = `__Host-doorwarden=${cookieIn(response, '__Host-doorwarden')}`;
      const me = meView.parse((await callWith(api.api, cookie, '/v1/me')).body);
      expect(me).toMatchObject({ principal: { name: 'bootstrap' }, roles: ['operator'], signIn: { provider: null } });
      await atState(fresh, (source) =>
        source.query("UPDATE principals SET disabled_at = NULL WHERE name = 'test-operator'"),
      );
      const quiet = await startFurtherApi(fresh);
      expect(quiet.log()).not.toMatch(/auth\/link\/[\w-]{43}/);
      await Promise.all([api.stop(), quiet.stop()]);
    } finally {
      await fresh.remove();
    }
  });
});
