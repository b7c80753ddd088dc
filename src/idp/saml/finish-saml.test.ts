import { inflateRawSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { LyingSaml, type SamlKeys, makeSamlKeys } from '../../../test/support/idp/lying-saml.js';
import { documentCase } from '../../../test/support/idp/saml-case.js';
import { type Played, newRelayState, play, samlProvider } from '../../../test/support/idp/saml-play.js';
import { at, attribute, authnStatement } from '../../../test/support/idp/saml-texts.js';
import type { SamlProviderSettings } from '../../domain/identity/saml-provider.js';
import type { VerifiedIdentity } from '../../domain/identity/verified-identity.js';
import { BrokerError } from '../../kernel/errors.js';
import type { OneTimeStore } from '../one-time-store.js';
import { OneTimeMemory } from '../one-time-store.fixture.js';
import { beginSaml } from './begin-saml.js';
import { finishSaml } from './finish-saml.js';
import { type SamlProvider, audienceOf } from './saml-provider.js';
import { ownMetadata } from './saml-strategy.js';
import { attributeOf, childrenOf } from './xml/xml-element.js';
import { readXml } from './xml/xml-reader.js';

const PROTOCOL = 'urn:oasis:names:tc:SAML:2.0:protocol';
const ASSERTION = 'urn:oasis:names:tc:SAML:2.0:assertion';
const LIMITS = { elements: 50, depth: 8, attributes: 16, comments: 'refused' } as const;

let keys: SamlKeys;

beforeAll(async () => {
  keys = await makeSamlKeys();
});

async function identityOf(attributes: string, settings: Partial<SamlProviderSettings> = {}): Promise<VerifiedIdentity> {
  const honest = documentCase('', '', ['accepted', 'accepted'], ({ idp }) => idp.answer({ assertion: { attributes } }));
  const outcome: Played = await play({ ...honest, settings: () => settings }, keys, new OneTimeMemory());
  if ('refused' in outcome) throw new Error(outcome.refused);
  return outcome.accepted;
}

describe('who a SAML provider says somebody is', () => {
  it('is told with lists of texts, of one value too', async () => {
    const identity = await identityOf(`${attribute('groups', 'dba')}${attribute('mail', 'alice@example.com')}`);
    expect(identity).toMatchObject({
      provider: 'idp',
      kind: 'saml',
      issuer: 'https://idp.example/metadata',
      subject: 'alice@example.com',
      claims: { groups: ['dba'], mail: ['alice@example.com'], nameId: 'alice@example.com' },
      acr: 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport',
      amr: [],
      email: 'alice@example.com',
      displayName: null,
      providerSession: 's-1',
    });
    expect(identity.authAtMs).toBeLessThan(Date.now());
    expect(identity.untilMs).toBeGreaterThan(Date.now() + 28_000_000);
  });

  it('joins the values of an attribute that is there twice, and leaves out values that are no text', async () => {
    const nested = attribute('id', '<saml:NameID>x</saml:NameID>', 'y');
    const identity = await identityOf(`${attribute('groups', 'a', '')}${attribute('groups', 'b')}${nested}`);
    expect(identity.claims).toMatchObject({ groups: ['a', '', 'b'], id: ['y'] });
  });

  it('carries look-alikes and unknown attributes as what they are: data for the mapping', async () => {
    const identity = await identityOf(
      `${attribute('groups', 'dbа', 'dba\u200B', 'DBA')}${attribute('roles', 'operator')}`,
    );
    expect(identity.claims['groups']).toStrictEqual(['dbа', 'dba\u200B', 'DBA']);
    expect(identity.claims['groups']).not.toContain('dba');
    expect(identity.claims['roles']).toStrictEqual(['operator']);
    expect(Object.keys(identity)).not.toContain('roles');
  });

  it('takes no name of an attribute for something else', async () => {
    const identity = await identityOf(attribute('__proto__', 'x') + attribute('nameId', 'root@example.com'));
    expect(Object.getPrototypeOf(identity.claims)).toBe(Object.prototype);
    expect(Object.hasOwn(identity.claims, '__proto__')).toBe(true);
    expect(identity.claims['nameId']).toBe('alice@example.com');
    expect(identity.subject).toBe('alice@example.com');
  });

  it('has the subject from the attribute that the settings name', async () => {
    const settings = { attributes: { subject: 'uid', email: null, displayName: 'cn' } };
    const identity = await identityOf(attribute('uid', 'u-1') + attribute('cn', 'Alice\u202E A'), settings);
    expect(identity).toMatchObject({ subject: 'u-1', email: null, displayName: 'Alice⟨U+202E⟩ A' });
    await expect(identityOf(attribute('uid', 'u-1', 'u-2'), settings)).rejects.toThrow('saml_name_id');
    await expect(identityOf(attribute('cn', 'Alice'), settings)).rejects.toThrow('saml_name_id');
  });

  it('has an e-mail address only where there is one', async () => {
    expect((await identityOf(attribute('mail', 'a@example.com', 'b@example.com'))).email).toBeNull();
    expect((await identityOf(attribute('mail', 'no address'))).email).toBeNull();
    expect((await identityOf(attribute('mail', 'a\u200B@example.com'))).email).toBeNull();
  });
});

function begun(settings: Partial<SamlProviderSettings> = {}, oneTime: OneTimeStore = new OneTimeMemory()) {
  const provider = samlProvider('idp', {
    issuer: 'https://idp.example',
    certificates: [keys.current.certificate],
    ...settings,
  });
  const host = { oneTime, nowMs: () => Date.now() };
  return {
    provider,
    host,
    begin: async (reauthenticate = false) => {
      const relayState = newRelayState();
      return { relayState, ...(await beginSaml(provider, { relayState, reauthenticate }, host)) };
    },
  };
}

function requestIn(url: string) {
  const parameters = new URL(url).searchParams;
  const xml = inflateRawSync(Buffer.from(parameters.get('SAMLRequest') ?? '', 'base64')).toString();
  return { parameters, request: readXml(xml, LIMITS) };
}

function answerTo(provider: SamlProvider, requestId: string, key = keys.current): LyingSaml {
  const { settings, place } = provider;
  return new LyingSaml({ issuer: settings.issuer, audience: audienceOf(provider), acs: place.acs, requestId }, key);
}

describe('a request', () => {
  it('goes to the provider with an id that nobody can guess, and says where the answer has to go', async () => {
    const { begin } = begun({ ssoUrl: 'https://idp.example/sso?tenant=1' });
    const [first, second] = [await begin(), await begin()];
    const { parameters, request } = requestIn(first.url);
    expect(first.url).toMatch(/^https:\/\/idp\.example\/sso\?tenant=1&/);
    expect(parameters.get('RelayState')).toBe(first.relayState);
    expect(first.requestId).toMatch(/^_[0-9a-f]{64}$/);
    expect(first.requestId).not.toBe(second.requestId);
    expect(request).toMatchObject({ namespace: PROTOCOL, name: 'AuthnRequest' });
    expect(attributeOf(request, 'ID')).toBe(first.requestId);
    expect(attributeOf(request, 'AssertionConsumerServiceURL')).toBe('http://127.0.0.1:8443/auth/saml/idp/acs');
    expect(attributeOf(request, 'ForceAuthn')).toBeUndefined();
    expect(childrenOf(request, ASSERTION, 'Issuer')[0]?.children).toStrictEqual([
      'http://127.0.0.1:8443/auth/saml/idp/metadata',
    ]);
    expect(childrenOf(request, PROTOCOL, 'RequestedAuthnContext')).toStrictEqual([]);
  });

  it('asks for a fresh proof where it is wanted once, or always, and for ways of signing in', async () => {
    expect(attributeOf(requestIn((await begun().begin(true)).url).request, 'ForceAuthn')).toBe('true');
    const strict = begun({ forceAuthn: true, authnContexts: ['https://refeds.org/profile/mfa'] });
    const { request } = requestIn((await strict.begin()).url);
    expect(attributeOf(request, 'ForceAuthn')).toBe('true');
    const [context] = childrenOf(request, PROTOCOL, 'RequestedAuthnContext');
    expect(
      context && childrenOf(context, ASSERTION, 'AuthnContextClassRef').map(({ children }) => children),
    ).toStrictEqual([['https://refeds.org/profile/mfa']]);
  });

  it('is answered by the way of signing in that it asked for', async () => {
    const mfa = 'https://refeds.org/profile/mfa';
    const { provider, host, begin } = begun({ authnContexts: [mfa] });
    const { requestId, relayState } = await begin();
    const answer = answerTo(provider, requestId).answer({
      assertion: { authnStatement: authnStatement({ context: mfa }) },
    });
    const samlResponse = Buffer.from(answer).toString('base64');
    expect((await finishSaml(provider, { samlResponse, relayState }, host)).acr).toBe(mfa);
  });
});

describe('an answer', () => {
  it('is taken once', async () => {
    const { provider, host, begin } = begun();
    const { requestId, relayState } = await begin();
    const form = { samlResponse: Buffer.from(answerTo(provider, requestId).answer()).toString('base64'), relayState };
    expect((await finishSaml(provider, form, host)).subject).toBe('alice@example.com');
    await expect(finishSaml(provider, form, host)).rejects.toMatchObject({ fields: { check: 'saml_request' } });
  });

  it('is taken once of many that come at the same time', async () => {
    const { provider, host, begin } = begun();
    const { requestId, relayState } = await begin();
    const idp = answerTo(provider, requestId);
    const forms = Array.from({ length: 5 }, () => ({
      samlResponse: Buffer.from(idp.answer()).toString('base64'),
      relayState,
    }));
    const outcomes = await Promise.allSettled(forms.map((form) => finishSaml(provider, form, host)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('is refused where its assertion was used before, whatever request it answers', async () => {
    const used = new OneTimeMemory();
    const oneTime: OneTimeStore = {
      put: (key, value) => used.put(key, value),
      take: (key) => used.take(key),
      claim: async () => false,
    };
    const { provider, host, begin } = begun({}, oneTime);
    const { requestId, relayState } = await begin();
    const samlResponse = Buffer.from(answerTo(provider, requestId).answer()).toString('base64');
    await expect(finishSaml(provider, { samlResponse, relayState }, host)).rejects.toMatchObject({
      fields: { check: 'saml_replayed' },
    });
  });

  it('is not taken while the store of one-time values is away, and the store says why', async () => {
    const away = new BrokerError('queue_unavailable');
    const { provider, host, begin } = begun();
    const { requestId, relayState } = await begin();
    const samlResponse = Buffer.from(answerTo(provider, requestId).answer()).toString('base64');
    const oneTime: OneTimeStore = {
      ...host.oneTime,
      put: () => Promise.reject(away),
      take: () => Promise.reject(away),
      claim: () => Promise.reject(away),
    };
    await expect(finishSaml(provider, { samlResponse, relayState }, { ...host, oneTime })).rejects.toBe(away);
    await expect(beginSaml(provider, { relayState, reauthenticate: false }, { ...host, oneTime })).rejects.toBe(away);
  });

  it('is refused without a word of what it says', async () => {
    const { provider, host, begin } = begun();
    const { requestId, relayState } = await begin();
    const lie = { assertion: { nameId: 'secret-name', issued: at(-86_400) } };
    const samlResponse = Buffer.from(answerTo(provider, requestId).answer(lie)).toString('base64');
    const refusal: unknown = await finishSaml(provider, { samlResponse, relayState }, host).catch(
      (error: unknown) => error,
    );
    if (!(refusal instanceof BrokerError)) throw new Error('It was taken');
    expect(refusal.code).toBe('signin_refused');
    expect(refusal.cause).toBeUndefined();
    expect(Object.keys(refusal.fields)).toStrictEqual(['check']);
    expect(`${refusal.sentence} ${refusal.stack}`).not.toMatch(/secret-name|SAML assertion expired/);
  });
});

describe("the broker's own metadata", () => {
  it('name the address that takes answers, and want signed assertions', () => {
    const { provider } = begun();
    const root = readXml(ownMetadata(provider), LIMITS);
    const METADATA = 'urn:oasis:names:tc:SAML:2.0:metadata';
    expect(attributeOf(root, 'entityID')).toBe('http://127.0.0.1:8443/auth/saml/idp/metadata');
    const [service] = childrenOf(root, METADATA, 'SPSSODescriptor');
    expect(service && attributeOf(service, 'WantAssertionsSigned')).toBe('true');
    const [acs] = service ? childrenOf(service, METADATA, 'AssertionConsumerService') : [];
    expect(acs && attributeOf(acs, 'Location')).toBe('http://127.0.0.1:8443/auth/saml/idp/acs');
    expect(service && childrenOf(service, METADATA, 'KeyDescriptor')).toStrictEqual([]);
    expect(service && childrenOf(service, METADATA, 'SingleLogoutService')).toStrictEqual([]);
  });
});
