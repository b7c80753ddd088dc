import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiCall, callApi } from '../../src/client/api-call.js';
import {
  identityMappingView,
  mappingTrialView,
  mappingVersionPage,
} from '../../src/contracts/identity/identity-mapping.js';
import { identityProviderList, identityProviderView } from '../../src/contracts/identity/identity-provider.js';
import { recordEntryPage } from '../../src/contracts/broker/admin-record.js';
import { principalView } from '../../src/contracts/identity/principal.js';
import { problemOf } from '../support/http.js';
import { type LyingIssuer, startLyingIssuer } from '../support/idp/lying-issuer.js';
import { AUDIENCE } from '../support/idp/providers.js';
import { useSharedBroker } from '../support/shared-broker.js';

const SECRET = 'the-client-secret-of-this-test';
const broker = useSharedBroker();
let issuer: LyingIssuer;
beforeAll(async () => {
  issuer = await startLyingIssuer();
});
afterAll(() => issuer.close());

function call(path: string, options: ApiCall = {}) {
  return callApi(broker().api, path, { key: broker().keys.operator, ...options });
}

function putProvider(name: string, change: object = {}) {
  const body = {
    kind: 'oidc',
    for: ['agents'],
    issuer: issuer.issuer,
    audience: AUDIENCE,
    allowPrivateAddresses: true,
    ...change,
  };
  return call(`/v1/identity-providers/${name}`, { method: 'PUT', body });
}

const ruleFor = (provider: string, change: object = {}) => ({
  provider,
  when: { repository: 'acme/shop' },
  principal: '{repository}',
  kind: 'agent',
  roles: ['agent'],
  groups: [],
  ...change,
});

function putMapping(rules: readonly object[], change: object = {}) {
  return call('/v1/identity-mapping', { method: 'PUT', body: { rules, ...change } });
}

function token(claims: Record<string, unknown> = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return issuer.sign({
    iss: issuer.issuer,
    aud: AUDIENCE,
    sub: 'repo:acme/shop:ref:refs/heads/main',
    repository: 'acme/shop',
    iat: now,
    exp: now + 600,
    jti: `j${now}`,
    ...claims,
  });
}

async function asAgent(path: string, claims: Record<string, unknown> = {}, options: ApiCall = {}) {
  return callApi(broker().api, path, { key: await token(claims), ...options });
}

describe('an identity provider', () => {
  it('is made, looked at, listed, changed over its revision, and deleted', async () => {
    const made = await putProvider('first', {
      clientId: 'doorwarden',
      clientSecret: SECRET,
      for: ['agents', 'people'],
    });
    expect(identityProviderView.parse(made.body)).toMatchObject({
      name: 'first',
      kind: 'oidc',
      revision: 1,
      hasClientSecret: true,
      changedBy: 'test-operator',
      address: { callback: `${broker().api}/auth/oidc/first/callback` },
    });
    // The api looked at it by a way of its own; what it keeps for sign-ins it asks for when one begins.
    expect(made.body).toMatchObject({ discovery: { fault: null, keys: null } });
    expect(identityProviderList.parse((await call('/v1/identity-providers')).body).items).toMatchObject([
      { name: 'first', issuer: issuer.issuer },
    ]);
    const stale = await putProvider('first', { revision: 7 });
    expect(problemOf(stale)).toMatchObject({ status: 409, code: 'provider_changed' });
    const kept = await putProvider('first', { clientId: 'doorwarden', for: ['agents', 'people'], revision: 1 });
    expect(kept.body).toMatchObject({ revision: 2, hasClientSecret: true });
    const other = await putProvider('first', { clientId: 'another', for: ['agents', 'people'] });
    expect(other.body).toMatchObject({ revision: 3, hasClientSecret: false });
    expect((await call('/v1/identity-providers/first', { method: 'DELETE' })).status).toBe(204);
    expect(problemOf(await call('/v1/identity-providers/first'))).toMatchObject({ code: 'provider_not_found' });
  });

  it('keeps its name from another issuer for ever: principals carry it', async () => {
    await putProvider('mine');
    await call('/v1/identity-providers/mine', { method: 'DELETE' });
    const other = await startLyingIssuer();
    try {
      const refused = problemOf(await putProvider('mine', { issuer: other.issuer }));
      expect(refused).toMatchObject({ status: 422, code: 'provider_invalid', field: 'issuer' });
      expect((await putProvider('mine')).status).toBe(200);
      expect(problemOf(await putProvider('twin'))).toMatchObject({ code: 'provider_invalid', field: 'audience' });
      await call('/v1/identity-providers/mine', { method: 'DELETE' });
    } finally {
      await other.close();
    }
  });

  it.each([
    ['issuer', 'an issuer that calls itself another', () => ({ issuer: `${issuer.issuer}/` })],
    ['for', 'an issuer at which nobody can sign in', () => ({ for: ['people'], clientId: 'x' })],
  ])('is refused by the field %s for %s', async (field, _, change) => {
    const { authorization_endpoint: _endpoint, ...without } = issuer.metadata;
    const before = issuer.metadata;
    if (field === 'for') issuer.metadata = without;
    try {
      expect(problemOf(await putProvider('wrong', change()))).toMatchObject({ code: 'provider_invalid', field });
    } finally {
      issuer.metadata = before;
    }
    expect(problemOf(await call('/v1/identity-providers/wrong'))).toMatchObject({ code: 'provider_not_found' });
  });

  it('is refused with its client secret while the api cannot keep it', async () => {
    const path = join(broker().keysFolder, 'provider.jwk');
    await rm(path, { force: true });
    await mkdir(path); // nobody reads a key from a folder, or makes one in its place
    const secret = { clientId: 'doorwarden', clientSecret: SECRET, for: ['agents', 'people'] };
    await broker().restart('api');
    const refused = problemOf(await putProvider('keyless', secret));
    expect(refused).toMatchObject({ status: 422, code: 'provider_invalid', field: 'clientSecret' });
    expect(refused.detail).toContain('KEYS_DIR');
    await rm(path, { recursive: true });
    expect((await putProvider('keyless', secret)).status).toBe(200);
    await call('/v1/identity-providers/keyless', { method: 'DELETE' });
  });

  it('that cannot be reached is refused', async () => {
    const away = await startLyingIssuer();
    await away.close();
    expect(problemOf(await putProvider('away', { issuer: away.issuer }))).toMatchObject({
      status: 503,
      code: 'signin_provider_unavailable',
    });
  });

  it.each(['agent', 'approver', 'reviewer'] as const)('is nothing for the role %s', async (role) => {
    const key = broker().keys[role];
    for (const options of [{}, { method: 'PUT', body: {} }] as const) {
      expect(problemOf(await call('/v1/identity-providers/x', { key, ...options }))).toMatchObject({ status: 403 });
      expect(problemOf(await call('/v1/identity-mapping', { key, ...options }))).toMatchObject({ status: 403 });
    }
  });
});

describe('the identity mapping', () => {
  it('is replaced over its revision, and says why', async () => {
    await putProvider('ci');
    const before = identityMappingView.parse((await call('/v1/identity-mapping')).body);
    const put = await putMapping([ruleFor('ci')], { revision: before.revision, reason: 'The shop builds itself' });
    expect(put.body).toMatchObject({ revision: before.revision + 1, reason: 'The shop builds itself' });
    const versions = mappingVersionPage.parse((await call('/v1/identity-mapping/versions?limit=1')).body);
    expect(versions.items).toEqual([identityMappingView.parse(put.body)]);
    const stale = await putMapping([], { revision: before.revision });
    expect(problemOf(stale)).toMatchObject({ status: 409, code: 'mapping_changed' });
    expect((await call('/v1/identity-mapping')).body).toEqual(put.body);
  });

  it('of a provider that is not there, or of people where it is for agents, is refused', async () => {
    expect(problemOf(await putMapping([ruleFor('nobody')]))).toMatchObject({ code: 'mapping_invalid' });
    const people = ruleFor('ci', { kind: 'user', roles: ['approver'] });
    expect(problemOf(await putMapping([people]))).toMatchObject({ code: 'mapping_invalid' });
  });

  it('is tried before it is put, and says which rule misses what', async () => {
    const body = {
      provider: 'ci',
      use: 'agents',
      claims: { sub: 's', repository: 'acme/shop', team: 'x' },
      rules: [ruleFor('ci', { when: { team: 'y' } }), ruleFor('ci')],
    };
    const trial = mappingTrialView.parse((await call('/v1/identity-mapping/try', { method: 'POST', body })).body);
    expect(trial.principal).toMatchObject({ rule: 1, name: 'ci:acme/shop' });
    expect(trial.rules[0]).toMatchObject({ fits: false, misses: [{ claim: 'team', wanted: '"y"', found: '"x"' }] });
  });
});

describe("an agent's token", () => {
  it('is somebody by the mapping, and may do what its role may', async () => {
    await putMapping([ruleFor('ci')]);
    const answer = await asAgent('/v1/targets');
    expect(answer.status).toBe(200);
    const made = principalView.parse((await call(`/v1/principals/${encodeURIComponent('ci:acme/shop')}`)).body);
    expect(made).toMatchObject({ name: 'ci:acme/shop', kind: 'agent', roles: ['agent'] });
    expect(problemOf(await asAgent('/v1/principals'))).toMatchObject({ status: 403, code: 'forbidden' });
  });

  it('of many runs is one principal', async () => {
    await Promise.all([1, 2, 3, 4, 5].map((run) => asAgent('/v1/targets', { sub: `run ${run}`, jti: `r${run}` })));
    const all = await call('/v1/principals?limit=100');
    expect(JSON.stringify(all.body).split('"ci:acme/shop"')).toHaveLength(2);
  });

  it('is refused with the check that refused it', async () => {
    const wrong = problemOf(await asAgent('/v1/targets', { aud: 'https://another.example' }));
    expect(wrong).toMatchObject({ status: 401, code: 'token_refused', check: 'audience' });
    expect(problemOf(await asAgent('/v1/targets', { repository: 'evil/shop' }))).toMatchObject({
      status: 403,
      code: 'signin_not_mapped',
    });
    const nonsense = await callApi(broker().api, '/v1/targets', { key: 'a.b.c' });
    expect(problemOf(nonsense)).toMatchObject({ status: 401, code: 'token_refused' });
  });

  it('that is refused has an entry in the administrative record, without the token', async () => {
    await asAgent('/v1/targets', { aud: 'https://another.example' });
    await asAgent('/v1/targets', { repository: 'evil/shop' });
    const { items } = recordEntryPage.parse((await call('/v1/record?act=token.refused')).body);
    expect(items).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ code: 'audience', outcome: 'refused', from: '127.0.0.1' }),
        expect.objectContaining({ code: 'signin_not_mapped', subject: { kind: 'provider', name: 'ci' } }),
      ]),
    );
    expect(JSON.stringify(items)).not.toContain('eyJ');
  });

  it('is nobody at the next call when the mapping no longer knows it, or its provider has gone', async () => {
    const kept = await token();
    const targets = () => callApi(broker().api, '/v1/targets', { key: kept });
    expect((await targets()).status).toBe(200);
    await putMapping([]);
    expect(problemOf(await targets())).toMatchObject({ code: 'signin_not_mapped' });
    await putMapping([ruleFor('ci')]);
    expect((await targets()).status).toBe(200);
    await call('/v1/identity-providers/ci', { method: 'DELETE' });
    expect(problemOf(await targets())).toMatchObject({ code: 'token_refused', check: 'issuer' });
    await putProvider('ci');
    expect((await targets()).status).toBe(200);
  });

  it('of a disabled principal is refused', async () => {
    const name = encodeURIComponent('ci:acme/shop');
    const change = (disabled: boolean) => call(`/v1/principals/${name}`, { method: 'PATCH', body: { disabled } });
    await change(true);
    expect(problemOf(await asAgent('/v1/targets'))).toMatchObject({ code: 'signin_principal_disabled' });
    await change(false);
    expect((await asAgent('/v1/targets')).status).toBe(200);
  });
});

it('neither a secret nor a token is in any log', async () => {
  await call('/v1/identity-providers/ci', { method: 'DELETE' });
  await putProvider('first', { clientId: 'doorwarden', clientSecret: SECRET, for: ['agents', 'people'] });
  const sent = await token({ jti: 'looked-for' });
  await callApi(broker().api, '/v1/targets', { key: sent });
  const logs = broker().logs('api');
  expect(logs).toContain('/v1/targets');
  expect(logs).not.toContain(SECRET);
  expect(logs).not.toContain(sent.split('.')[2]);
});
