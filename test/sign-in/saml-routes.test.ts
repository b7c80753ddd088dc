import { beforeAll, describe, expect, it } from 'vitest';
import { inflateRawSync } from 'node:zlib';
import { callApi } from '../../src/client/api-call.js';
import { meView } from '../../src/contracts/sign-in/session.js';
import { LyingSaml } from '../support/idp/lying-saml.js';
import { type SamlKey, makeSamlKey } from '../support/idp/saml-keys.js';
import { attribute } from '../support/idp/saml-texts.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { callWith, cookieIn } from '../support/sign-in.js';

const ISSUER = 'https://idp.example/metadata';
const JSON_ONLY = { accept: 'application/json' };

/** All that is refused here comes from one address. */
const broker = useSharedBroker();
let key: SamlKey;

beforeAll(async () => {
  key = await makeSamlKey('idp.example');
  const provider = {
    kind: 'saml',
    for: ['people'],
    issuer: ISSUER,
    ssoUrl: `${ISSUER}/sso`,
    certificates: [key.certificate],
    attributes: { email: 'mail' },
  };
  expect((await put('/v1/identity-providers/corp', provider)).status).toBe(200);
  const rule = {
    provider: 'corp',
    when: { groups: ['dba'] },
    principal: '{nameId}',
    kind: 'user',
    roles: ['approver'],
    groups: ['{groups}'],
  };
  expect((await put('/v1/identity-mapping', { rules: [rule] })).status).toBe(200);
});

function put(path: string, body: object) {
  return callApi(broker().api, path, { key: broker().keys.operator, method: 'PUT', body });
}

/** A sign-in that a browser has begun: the provider that was asked, and the browser's cookie. */
async function begun(query = ''): Promise<{ idp: LyingSaml; relayState: string; cookie: string; request: string }> {
  const answer = await fetch(`${broker().api}/auth/saml/corp${query}`, { redirect: 'manual' });
  expect(answer.status).toBe(303);
  const to = new URL(answer.headers.get('location') ?? '');
  expect(`${to.origin}${to.pathname}`).toBe(`${ISSUER}/sso`);
  const request = inflateRawSync(Buffer.from(to.searchParams.get('SAMLRequest') ?? '', 'base64')).toString();
  const requestId = / ID="([^"]+)"/.exec(request)?.[1] ?? '';
  const acs = `${broker().api}/auth/saml/corp/acs`;
  const audience = `${broker().api}/auth/saml/corp/metadata`;
  const [cookie = ''] = answer.headers.getSetCookie().map((set) => set.split(';', 1).join(''));
  return {
    idp: new LyingSaml({ issuer: ISSUER, audience, acs, requestId }, key),
    relayState: to.searchParams.get('RelayState') ?? '',
    cookie,
    request,
  };
}

/** As a browser brings the provider's form: from another site, without cookies. */
function bring(body: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(`${broker().api}/auth/saml/corp/acs`, {
    method: 'POST',
    redirect: 'manual',
    headers: {
      ...JSON_ONLY,
      'content-type': 'application/x-www-form-urlencoded',
      origin: 'https://idp.example',
      'sec-fetch-site': 'cross-site',
      ...headers,
    },
    body,
  });
}

function formOf(document: string, relayState: string): string {
  return new URLSearchParams({
    SAMLResponse: Buffer.from(document).toString('base64'),
    RelayState: relayState,
  }).toString();
}

describe('the routes of SAML', () => {
  it('show metadata for the provider', async () => {
    const answer = await fetch(`${broker().api}/auth/saml/corp/metadata`);
    expect([answer.status, answer.headers.get('content-type')]).toStrictEqual([
      200,
      'application/samlmetadata+xml; charset=utf-8',
    ]);
    expect(await answer.text()).toContain(`Location="${broker().api}/auth/saml/corp/acs"`);
  });

  it('send a browser to the provider, and with its answer to the end of the sign-in, once', async () => {
    const { idp, relayState } = await begun();
    const form = formOf(idp.answer(), relayState);
    const answer = await bring(form);
    expect(answer.status).toBe(303);
    const finish = answer.headers.get('location') ?? '';
    expect(finish).toMatch(/^\/auth\/finish\?t=[\w-]{43}$/);
    expect(answer.headers.getSetCookie()).toStrictEqual([]);
    const again = await bring(form);
    expect([again.status, await codeOf(again)]).toStrictEqual([403, 'signin_expired']);
    for (const other of ['', (await begun()).cookie]) {
      const elsewhere = await finished(finish, other);
      expect([elsewhere.status, await codeOf(elsewhere)]).toStrictEqual([403, 'signin_not_started_here']);
    }
  });

  it('begin a session of the principal that the mapping makes of the attributes, and of nothing else', async () => {
    const { idp, relayState, cookie } = await begun('?return=/v1/me');
    const attributes = attribute('groups', 'dba', 'security') + attribute('roles', 'operator');
    const answer = await bring(formOf(idp.answer({ assertion: { attributes } }), relayState));
    const done = await finished(answer.headers.get('location') ?? '', cookie);
    expect([done.status, done.headers.get('location')]).toStrictEqual([303, '/v1/me']);
    const session = `__Host-doorwarden=${cookieIn(done, '__Host-doorwarden')}`;
    expect(meView.parse((await callWith(broker().api, session, '/v1/me')).body)).toMatchObject({
      principal: { name: 'corp:alice@example.com', kind: 'user' },
      roles: ['approver'],
      groups: ['dba', 'security'],
      signIn: { by: 'session', provider: 'corp' },
    });
  });

  it('begin no session where no rule fits, for groups that only look alike neither', async () => {
    const { idp, relayState, cookie } = await begun();
    const attributes = attribute('groups', 'dbа', 'DBA', 'dba\u200B');
    const answer = await bring(formOf(idp.answer({ assertion: { attributes } }), relayState));
    const done = await finished(answer.headers.get('location') ?? '', cookie);
    expect([done.status, await codeOf(done)]).toStrictEqual([403, 'signin_not_mapped']);
  });

  it('ask for a fresh proof where the page wants one', async () => {
    expect((await begun()).request).not.toContain('ForceAuthn');
    expect((await begun('?reauthenticate=1')).request).toContain('ForceAuthn="true"');
  });

  it('say by a short code which check refused an answer, and nothing of the answer, in the log neither', async () => {
    const { idp, relayState } = await begun();
    const document = idp.answer({ assertion: { nameId: 'somebody-secret', issuer: 'https://evil.example' } });
    const answer = await bring(formOf(document, relayState));
    const text = await answer.text();
    expect(answer.status).toBe(403);
    expect(JSON.parse(text)).toMatchObject({ code: 'signin_refused', check: 'saml_issuer' });
    expect(text).not.toMatch(/somebody-secret|evil\.example/);
    await expect.poll(() => broker().logs('api')).toContain('saml_issuer');
    expect(broker().logs('api')).not.toMatch(/somebody-secret|SAMLResponse/);
  });

  it('show a person a page, without a word of the library', async () => {
    const { idp, relayState } = await begun();
    const answer = await bring(formOf(idp.answer({ assertion: { conditions: '' } }), relayState), {
      accept: 'text/html',
    });
    const page = await answer.text();
    expect([answer.status, answer.headers.get('content-type')]).toStrictEqual([403, 'text/html; charset=utf-8']);
    expect(page).toContain('signin_refused/saml_conditions');
  });

  it.each<[string, (form: string) => Promise<Response>, number, object]>([
    ['no form', (form) => bring(form, { 'content-type': 'text/plain' }), 403, { check: 'saml_form' }],
    ['JSON', () => bring('{}', { 'content-type': 'application/json' }), 403, { check: 'saml_form' }],
    ['an empty form', () => bring(''), 403, { check: 'saml_form' }],
    ['two answers', (form) => bring(`${form}&SAMLResponse=x`), 403, { check: 'saml_form' }],
    ['a form of 500 kB', () => bring(`SAMLResponse=${'A'.repeat(500_000)}&RelayState=x`), 403, { check: 'saml_size' }],
    [
      'a RelayState of nobody',
      (form) => bring(form.replace(/RelayState=.*/, 'RelayState=x')),
      403,
      { code: 'signin_not_started_here' },
    ],
  ])('refuse %s', async (_what, send, status, problem) => {
    const { idp, relayState } = await begun();
    const answer = await send(formOf(idp.answer(), relayState));
    expect([answer.status, JSON.parse(await answer.text())]).toStrictEqual([status, expect.objectContaining(problem)]);
  });

  it('do not read a form that does not say how large it is any further than its limit', async () => {
    const { relayState } = await begun();
    let sent = 0;
    const body = new ReadableStream({
      pull(controller) {
        sent += 65_536;
        controller.enqueue(
          Buffer.from(sent === 65_536 ? `RelayState=${relayState}&SAMLResponse=` : 'A'.repeat(65_536)),
        );
        if (sent > 64 * 1_048_576) controller.close();
      },
    });
    const outcome = await fetch(`${broker().api}/auth/saml/corp/acs`, {
      method: 'POST',
      headers: { ...JSON_ONLY, 'content-type': 'application/x-www-form-urlencoded' },
      body,
      duplex: 'half',
    }).then(
      async (answer) => [answer.status, JSON.parse(await answer.text()).check],
      () => 'the connection was closed',
    );
    expect([[403, 'saml_size'], 'the connection was closed']).toContainEqual(outcome);
    expect(sent).toBeLessThan(32 * 1_048_576);
  });

  it('do not know a provider that is not there, or is of another kind', async () => {
    for (const path of ['/auth/saml/nobody', '/auth/saml/nobody/metadata']) {
      const answer = await fetch(`${broker().api}${path}`, { redirect: 'manual', headers: JSON_ONLY });
      expect([answer.status, await codeOf(answer)]).toStrictEqual([404, 'provider_not_found']);
    }
  });
});

function finished(path: string, cookie: string): Promise<Response> {
  return fetch(`${broker().api}${path}`, { redirect: 'manual', headers: { ...JSON_ONLY, cookie } });
}

async function codeOf(answer: Response): Promise<unknown> {
  return JSON.parse(await answer.text()).code;
}
