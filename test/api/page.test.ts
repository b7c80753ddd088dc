import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { request as httpRequest } from 'node:http';
import { beforeAll, describe, expect, it } from 'vitest';
import { meView } from '../../src/contracts/sign-in/session.js';
import { PAGE_PATHS } from '../../src/control/page/page-paths.js';
import { ROOT } from '../support/folders.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { callWith, signIn } from '../support/sign-in.js';

const broker = useSharedBroker();
const PAGE = join(ROOT, 'dist', 'web');
const script = /src="\/assets\/([^"]+\.js)"/.exec(readFileSync(join(PAGE, 'index.html'), 'utf8'))?.[1] ?? '';
let cookie = '';

beforeAll(async () => {
  cookie = await signIn(broker(), 'test-approver');
});

/** Goes there as a browser does. */
function go(path: string, headers: Readonly<Record<string, string>> = { cookie }): Promise<Response> {
  return fetch(`${broker().api}${path}`, {
    redirect: 'manual',
    headers: { accept: 'text/html,*/*;q=0.8', ...headers },
  });
}

const nonceOf = (text: string): string | undefined => /<meta property="csp-nonce"[^>]*"([\w+/=]{20,})"/.exec(text)?.[1];

describe('the page', () => {
  it('is one document at each of its paths, which nobody keeps', async () => {
    for (const path of PAGE_PATHS) {
      const answer = await go(`/${path.replaceAll(/:\w+/g, 'some-name')}`);
      expect([answer.status, answer.headers.get('content-type')], path).toEqual([200, 'text/html; charset=utf-8']);
      expect(answer.headers.get('cache-control'), path).toBe('no-store');
      expect(await answer.text(), path).toContain('<div id="page">');
    }
  });

  it('has a strict policy, with a nonce that no other answer has', async () => {
    const answers = await Promise.all([go('/inbox'), go('/inbox')]);
    const nonces = await Promise.all(
      answers.map(async (answer) => {
        const nonce = nonceOf(await answer.text());
        expect(answer.headers.get('content-security-policy')).toBe(
          `default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data:; ` +
            "font-src 'self'; connect-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; " +
            "require-trusted-types-for 'script'; trusted-types doorwarden-verifier",
        );
        return nonce;
      }),
    );
    expect(new Set(nonces).size).toBe(2);
  });

  it('sends anyone who is not signed in to do so, and back to where they wanted to go', async () => {
    const answer = await go('/approvals/x?from=slack', {});
    expect([answer.status, answer.headers.get('location')]).toEqual([
      303,
      '/auth/sign-in?return=%2Fapprovals%2Fx%3Ffrom%3Dslack',
    ]);
    const ended = await go('/inbox', { cookie: `__Host-doorwarden=${'A'.repeat(43)}` });
    expect([ended.status, ended.headers.get('location')]).toEqual([303, '/auth/sign-in?return=%2Finbox']);
  });

  it('begins at the address itself', async () => {
    const answer = await go('/');
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('<div id="page">')]);
    const unknown = await go('/', {});
    expect([unknown.status, unknown.headers.get('location')]).toEqual([303, '/auth/sign-in']);
  });

  it('says which build it is, in the same words as the API', async () => {
    const { body } = await callWith(broker().api, cookie, '/v1/me');
    const { build } = meView.parse(body).page;
    expect(build).toMatch(/^[0-9a-f]{16}$/);
    expect(await (await go('/inbox')).text()).toContain(`name="doorwarden-build" content="${build}"`);
  });

  it.each(['/inbox/', '/INBOX'])('is at %s too, as the router takes it', async (path) => {
    expect((await go(path)).status).toBe(200);
  });

  it.each(['/inbox/x', '/index.html', '/web/index.html', '/.vite/manifest.json', '/tasks/a/b/c', '/auth', '/nowhere'])(
    'is not at %s, which stays not found',
    async (path) => {
      const answer = await go(path);
      expect(answer.status).toBe(404);
      expect(await answer.json()).toMatchObject({ code: 'route_not_found' });
    },
  );

  it('is nothing for a program that asks for something else', async () => {
    const answer = await go('/inbox', { cookie, accept: 'application/json' });
    expect([answer.status, await answer.json()]).toMatchObject([404, { code: 'route_not_found' }]);
    expect((await fetch(`${broker().api}/inbox`, { method: 'POST' })).status).toBe(405);
  });
});

describe('a file of the page', () => {
  it('is kept for a year under its name, and comes as the build compressed it', async () => {
    const answers = await Promise.all(
      ['identity', 'gzip', 'gzip, br', '*;q=0'].map((accepted) => raw(`/assets/${script}`, accepted)),
    );
    for (const { status, headers } of answers) {
      expect([status, headers['cache-control'], headers['content-type'], headers.vary, headers.etag]).toEqual([
        200,
        'public, max-age=31536000, immutable',
        'text/javascript; charset=utf-8',
        'Accept-Encoding',
        undefined,
      ]);
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['cross-origin-resource-policy']).toBe('same-origin');
    }
    expect(answers.map(({ headers }) => headers['content-encoding'])).toEqual([undefined, 'gzip', 'br', undefined]);
    const [plain, zipped, brotli] = answers.map(({ bytes }) => bytes);
    expect(gunzipSync(zipped ?? '').equals(plain ?? Buffer.of())).toBe(true);
    expect(brotliDecompressSync(brotli ?? '').equals(plain ?? Buffer.of())).toBe(true);
  });

  it.each([
    '/assets/none.js',
    '/assets/',
    `/assets/${script}.gz`,
    `/assets/x/../${script}x`,
    '/assets/../index.html',
    '/assets/..%2findex.html',
    '/assets/%2e%2e%2f.vite%2fmanifest.json',
    '/assets/..%5c..%5capps%5capi.js',
    '/assets/%00',
    '/assets/__proto__',
  ])('is not at %s', async (path) => {
    const { status, headers, bytes } = await raw(path, 'identity');
    expect([status, headers['cache-control']]).toEqual([404, 'no-store']);
    expect(JSON.parse(bytes.toString('utf8'))).toMatchObject({ code: 'route_not_found' });
  });
});

/** The path as it stands: fetch would make another one of some. */
function raw(path: string, accepted: string) {
  const { hostname, port } = new URL(broker().api);
  return new Promise<{ status: number | undefined; headers: Readonly<Record<string, unknown>>; bytes: Buffer }>(
    (resolve, reject) => {
      httpRequest({ hostname, port, path, headers: { 'accept-encoding': accepted } }, (answer) => {
        const { statusCode: status, headers } = answer;
        buffer(answer).then((bytes) => resolve({ status, headers, bytes }), reject);
      })
        .once('error', reject)
        .end();
    },
  );
}
