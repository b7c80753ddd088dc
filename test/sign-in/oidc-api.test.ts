import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiCall, callApi } from '../../src/client/api-call.js';
import { principalView } from '../../src/contracts/identity/principal.js';
import { problemOf } from '../support/http.js';
import { type RealProvider, startOidcProvider } from '../support/idp/oidc-provider.js';
import { CLIENT_ID, CLIENT_SECRET } from '../support/idp/providers.js';
import { useSharedBroker } from '../support/shared-broker.js';

const broker = useSharedBroker();
const providers = new Map<string, RealProvider>();
let begunAt = '';

const RULE = { provider: 'corp', when: { groups: 'dba' }, kind: 'user', roles: ['approver'], groups: ['{groups}'] };
const rules = (change: object = {}) => [
  { ...RULE, principal: '{email|lower}', ...change },
  { ...RULE, provider: 'second', principal: '{sub}', groups: [] },
];

function call(path: string, options: ApiCall = {}) {
  return callApi(broker().api, path, { key: broker().keys.operator, ...options });
}

async function putProvider(name: string): Promise<void> {
  const known = providers.get(name) ?? (await startOidcProvider([`${broker().api}/auth/oidc/${name}/callback`]));
  providers.set(name, known);
  const body = {
    kind: 'oidc',
    for: ['people'],
    issuer: known.issuer,
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    scopes: ['openid', 'email', 'profile', 'groups'],
    allowPrivateAddresses: true,
  };
  const { status } = await call(`/v1/identity-providers/${name}`, { method: 'PUT', body });
  if (status !== 200) throw new Error(`The provider ${name} was not taken: ${status}`);
}

async function putMapping(all: readonly object[]): Promise<void> {
  const { status } = await call('/v1/identity-mapping', { method: 'PUT', body: { rules: all } });
  if (status !== 200) throw new Error(`The mapping was not taken: ${status}`);
}

beforeAll(async () => {
  begunAt = new Date().toISOString();
  await putProvider('corp');
  await putProvider('second');
  await putMapping(rules());
});
afterAll(async () => {
  for (const provider of providers.values()) await provider.close();
});

/** As much of a browser as a sign-in needs: what it keeps of cookies, and where it is sent. */
class Browser {
  readonly #cookies = new Map<string, string>();

  async open(address: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(new URL(address, broker().api), {
      redirect: 'manual',
      headers: { cookie, accept: 'text/html', ...headers },
    });
    for (const set of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      if (value === '') this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return response;
  }

  /** The way to the provider and back, up to the callback's address. */
  async callback(provider: string, person: string, returnTo = '/'): Promise<string> {
    const start = await this.open(`/auth/oidc/${provider}?return=${encodeURIComponent(returnTo)}`);
    const known = providers.get(provider);
    if (known === undefined || start.status !== 303) throw new Error(`No sign-in began: ${start.status}`);
    return (await known.signIn(start.headers.get('location') ?? '', person)).href;
  }

  /** The whole of it; gives where the person is in the end. */
  async signIn(provider: string, person: string, returnTo = '/'): Promise<string | null> {
    const back = await this.open(await this.callback(provider, person, returnTo));
    const finish = await this.open(back.headers.get('location') ?? '');
    return finish.headers.get('location');
  }

  async me(): Promise<{ status: number; body: unknown }> {
    const response = await this.open('/v1/me', { accept: 'application/json' });
    return { status: response.status, body: await response.json() };
  }
}

const asProgram = { accept: 'application/json' };

describe('a person who signs in with an OpenID Connect provider', () => {
  it('comes back to where they wanted to go, as the mapping says', async () => {
    const browser = new Browser();
    expect(await browser.signIn('corp', 'kim', '/approvals/x')).toBe('/approvals/x');
    expect((await browser.me()).body).toMatchObject({
      principal: { name: 'corp:kim@example.com', kind: 'user' },
      roles: ['approver'],
      groups: ['dba', 'security'],
    });
  });

  it('has the roles of the mapping at every request, and no session when no rule fits any more', async () => {
    const browser = new Browser();
    await browser.signIn('corp', 'kim');
    await putMapping(rules({ roles: ['reviewer'], groups: [] }));
    expect((await browser.me()).body).toMatchObject({ roles: ['reviewer'], groups: [] });
    await putMapping([]);
    expect(await browser.me()).toMatchObject({ status: 401, body: { code: 'session_ended' } });
    await putMapping(rules());
    expect(await browser.me()).toMatchObject({ status: 401 });
  });

  it('is one person with two providers that have verified the same e-mail address', async () => {
    await new Browser().signIn('corp', 'kim');
    await new Browser().signIn('second', 'kim');
    const view = principalView.parse((await call(`/v1/principals/${encodeURIComponent('second:kim')}`)).body);
    expect(view).toMatchObject({
      samePersonAs: ['corp:kim@example.com'],
      provider: 'second',
      email: 'kim@example.com',
      displayName: 'Kim Doe',
    });
    const identities = (await call(`/v1/principals/${encodeURIComponent('second:kim')}/identities`)).body;
    const issuer = providers.get('second')?.issuer;
    expect(identities).toMatchObject({ items: [{ provider: 'second', issuer, subject: 'kim' }], next: null });
  });

  it('is refused in another browser, a second time, and with the callback of another provider', async () => {
    const browser = new Browser();
    const stolen = await browser.callback('corp', 'kim');
    const thief = await new Browser().open(stolen, asProgram);
    expect([thief.status, await thief.json()]).toMatchObject([403, { code: 'signin_not_started_here' }]);
    expect(await (await browser.open(stolen, asProgram)).json()).toMatchObject({ code: 'signin_expired' });
    const other = (await browser.callback('corp', 'kim')).replace('/corp/', '/second/');
    expect(await (await browser.open(other, asProgram)).json()).toMatchObject({
      code: 'signin_refused',
      check: 'other_provider',
    });
    expect((await browser.me()).status).toBe(401);
  });

  it('is nobody without a rule, and their unverified e-mail address fits none', async () => {
    await putMapping([{ ...RULE, when: { email: 'robin@example.com' }, principal: '{sub}', groups: [] }]);
    const browser = new Browser();
    const back = await browser.open(await browser.callback('corp', 'robin'));
    const page = await browser.open(back.headers.get('location') ?? '');
    expect(page.status).toBe(403);
    const text = await page.text();
    expect([page.headers.get('content-type'), text]).toMatchObject([
      expect.stringContaining('text/html'),
      expect.anything(),
    ]);
    expect(text).toContain('signin_not_mapped');
    expect(text).not.toContain('robin');
    await putMapping(rules());
  });

  it('loses the session with its provider', async () => {
    const browser = new Browser();
    await browser.signIn('corp', 'kim');
    await call('/v1/identity-providers/corp', { method: 'DELETE' });
    expect(await browser.me()).toMatchObject({ status: 401 });
    expect((await browser.open('/auth/oidc/corp', asProgram)).status).toBe(404);
    await putProvider('corp');
  });

  it('is told in a sentence when the provider cannot be reached, and open sessions go on', async () => {
    const signedIn = new Browser();
    await signedIn.signIn('second', 'kim');
    const browser = new Browser();
    const back = await browser.callback('second', 'kim');
    await providers.get('second')?.close();
    providers.delete('second');
    const page = await browser.open(back);
    expect(page.status).toBe(503);
    expect(await page.text()).toContain('signin_provider_unavailable');
    expect((await signedIn.me()).status).toBe(200);
  });
});

it('every sign-in and refusal is in the administrative record, with nothing of a token', async () => {
  const all = await call(`/v1/record?limit=200&from=${begunAt}`);
  const text = JSON.stringify(all.body);
  expect(all.status === 200 ? text : '').toMatch(/sign-in\.done/);
  expect(text).toMatch(/sign-in\.refused/);
  expect(text).not.toMatch(/eyJ/);
  expect(broker().logs('api')).not.toMatch(/eyJ[\w-]{10,}/);
  expect(problemOf(await call('/v1/me', { key: 'a.b.c' }))).toMatchObject({ code: 'token_refused' });
});

describe('the description of the API, once there is a provider', () => {
  const PATHS = ['/docs', '/docs/', '/DOCS', '/docs/swagger-ui-init.js', '/openapi.json', '/openapi.yaml'];
  const asBrowser = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };

  function open(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return fetch(`${broker().api}${path}`, { redirect: 'manual', headers });
  }

  it.each(PATHS)('at %s is refused to a program that nobody knows, with what to do', async (path) => {
    for (const headers of [{}, { authorization: `Bearer dw_aaaaaaaa_${'x'.repeat(42)}` }]) {
      const response = await open(path, headers);
      const text = await response.text();
      expect(text).not.toMatch(/requestGrant|"openapi"/);
      expect(response.headers.get('www-authenticate')).toBe('Bearer');
      const problem = problemOf({ status: response.status, body: JSON.parse(text), headers: response.headers });
      expect(problem).toMatchObject({ status: 401, code: 'unauthenticated', next: expect.stringContaining('key') });
    }
  });

  it.each(['operator', 'approver', 'reviewer', 'agent'] as const)('is there for the key of %s', async (role) => {
    for (const path of PATHS) {
      const { status } = await open(path, { authorization: `Bearer ${broker().keys[role]}` });
      expect(status, path).toBe(200);
    }
  });

  it('leads a browser to sign-in and back, and is there for one that is signed in', async () => {
    await putMapping(rules());
    const browser = new Browser();
    for (const path of ['/docs', '/docs/?a=b', '/openapi.json']) {
      const led = await browser.open(path, asBrowser);
      expect(led.status, path).toBe(303);
      expect(led.headers.get('location')).toBe(`/auth/sign-in?return=${encodeURIComponent(path)}`);
      expect(led.headers.get('vary')).toContain('Cookie');
    }
    expect(await browser.signIn('corp', 'kim', '/docs')).toBe('/docs');
    for (const path of PATHS) expect((await browser.open(path, asBrowser)).status, path).toBe(200);
  });

  it('does not hide what errors mean, nor where somebody begins', async () => {
    for (const path of ['/docs/errors', '/docs/errors/', '/', '/health/live']) {
      expect((await open(path)).status, path).toBe(200);
    }
  });
});
