import { beforeAll, describe, expect, it } from 'vitest';
import { type SamlKey, makeSamlKey } from '../../../test/support/idp/saml-keys.js';
import type { SamlProviderInput } from '../../domain/identity/saml-provider.js';
import { certificateWarnings } from './saml-certificates.js';
import { samlConfiguration } from './saml-configuration.js';

const DAY_MS = 86_400_000;
const PROTOCOL = 'urn:oasis:names:tc:SAML:2.0:protocol';
const REDIRECT = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect';

let current: SamlKey;
let next: SamlKey;
let soon: SamlKey;
let expired: SamlKey;
let early: SamlKey;
let short: SamlKey;

beforeAll(async () => {
  [current, next, soon, expired, early, short] = await Promise.all([
    makeSamlKey('idp'),
    makeSamlKey('idp'),
    makeSamlKey('idp', { toDays: 20 }),
    makeSamlKey('idp', { fromDays: -30, toDays: -1 }),
    makeSamlKey('idp', { fromDays: 1 }),
    makeSamlKey('idp', { bits: 1_024 }),
  ]);
});

function metadata({
  keys = [current],
  entityId = 'https://idp.example/metadata',
  location = 'https://idp.example/sso',
  role = 'IDPSSODescriptor',
  root = '',
  descriptor = '',
  use = 'use="signing"',
} = {}): string {
  const described = keys.map(({ certificate }) => {
    const base64 = certificate.replaceAll(/-----[A-Z ]+-----/g, '');
    return `<md:KeyDescriptor ${use}><ds:KeyInfo><ds:X509Data><ds:X509Certificate>${base64}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`;
  });
  return `<?xml version="1.0"?>
    <!-- of a provider -->
    <md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="${entityId}" ${root}>
      <md:${role} protocolSupportEnumeration="${PROTOCOL}" ${descriptor}>${described.join('')}
        <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example/post"/>
        <md:SingleSignOnService Binding="${REDIRECT}" Location="${location}"/>
      </md:${role}>
    </md:EntityDescriptor>`;
}

const given = (fields: Partial<SamlProviderInput>): SamlProviderInput => ({
  wantResponseSigned: false,
  attributes: {},
  forceAuthn: false,
  authnContexts: [],
  clockSkewSeconds: 30,
  ...fields,
});
const direct = (fields: Partial<SamlProviderInput> = {}): SamlProviderInput =>
  given({
    issuer: 'https://idp.example',
    ssoUrl: 'https://idp.example/sso',
    certificates: [current.certificate],
    ...fields,
  });

function faults(input: SamlProviderInput): readonly string[] {
  const outcome = samlConfiguration(input, Date.now());
  return 'faults' in outcome ? outcome.faults.map(({ field, fault }) => `${field} ${fault}`) : [];
}

describe('the configuration of a SAML provider', () => {
  it('is taken from its metadata: name, address and the certificates that sign', () => {
    const outcome = samlConfiguration(given({ metadata: metadata({ keys: [current, next] }) }), Date.now());
    expect(outcome).toMatchObject({
      settings: { issuer: 'https://idp.example/metadata', ssoUrl: 'https://idp.example/sso', audience: null },
    });
    const settings = 'settings' in outcome ? outcome.settings : undefined;
    expect(settings?.certificates.map((pem) => pem.trim())).toStrictEqual([
      current.certificate.trim(),
      next.certificate.trim(),
    ]);
    expect(faults(given({ metadata: metadata({ use: '' }) }))).toStrictEqual([]);
    expect(faults(given({ metadata: `\u{FEFF}${metadata()}` }))).toStrictEqual([]);
  });

  it('is taken from the three that are given', () => {
    const outcome = samlConfiguration(direct({ audience: 'urn:broker', clockSkewSeconds: 5 }), Date.now());
    expect(outcome).toMatchObject({
      settings: { issuer: 'https://idp.example', audience: 'urn:broker', clockSkewSeconds: 5 },
    });
    expect(faults(direct({ ssoUrl: 'http://127.0.0.1:8080/sso' }))).toStrictEqual([]);
    expect(faults(direct({ ssoUrl: 'http://[::1]:8080/sso' }))).toStrictEqual([]);
  });

  it.each<[string, () => SamlProviderInput, RegExp]>([
    [
      'issuer that does not match',
      () => given({ metadata: metadata(), issuer: 'https://other.example' }),
      /^issuer is not the entityID/,
    ],
    [
      'metadata of a service',
      () => given({ metadata: metadata({ role: 'SPSSODescriptor' }) }),
      /^metadata do not describe exactly one/,
    ],
    [
      'metadata of several',
      () => given({ metadata: '<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata"/>' }),
      /^metadata are of several/,
    ],
    ['no metadata', () => given({ metadata: '<html/>' }), /^metadata are no metadata/],
    ['no XML', () => given({ metadata: 'https://idp.example/metadata' }), /^metadata are not XML/],
    [
      'a DOCTYPE',
      () => given({ metadata: `<!DOCTYPE a>${metadata()}`.replace(/<\?.*?\?>\s*/, '') }),
      /^metadata are not XML/,
    ],
    [
      'metadata that are over',
      () => given({ metadata: metadata({ root: 'validUntil="2020-01-01T00:00:00Z"' }) }),
      /^metadata are over/,
    ],
    [
      'signed requests wanted',
      () => given({ metadata: metadata({ descriptor: 'WantAuthnRequestsSigned="true"' }) }),
      /^metadata want signed requests/,
    ],
    ['no certificate in metadata', () => given({ metadata: metadata({ keys: [] }) }), /^metadata has no certificate/],
    [
      'certificates for encryption only',
      () => given({ metadata: metadata({ use: 'use="encryption"' }) }),
      /^metadata has no certificate/,
    ],
    [
      'an address that is not https in metadata',
      () => given({ metadata: metadata({ location: 'http://idp.example/sso' }) }),
      /^metadata has an address that is not https/,
    ],
    [
      'said twice',
      () => given({ metadata: metadata(), ssoUrl: 'https://idp.example/sso' }),
      /^ssoUrl is in the metadata already/,
    ],
    ['no issuer', () => direct({ issuer: undefined }), /^issuer has no entityID/],
    [
      'an issuer with a hidden character',
      () => direct({ issuer: 'https://idp.example\u200B' }),
      /^issuer has spaces or hidden/,
    ],
    ['no address', () => direct({ ssoUrl: undefined }), /^ssoUrl has no address/],
    ['no address at all', () => direct({ ssoUrl: 'idp' }), /^ssoUrl has an address that is none/],
    [
      'an address that is not https',
      () => direct({ ssoUrl: 'http://idp.example/sso' }),
      /^ssoUrl has an address that is not https/,
    ],
    [
      'an address with a password',
      () => direct({ ssoUrl: 'https://a:b@idp.example/sso' }),
      /^ssoUrl has an address with a name/,
    ],
    [
      'an address of a script',
      () => direct({ ssoUrl: 'javascript:alert(1)' }),
      /^ssoUrl has an address that is not https/,
    ],
    ['no certificate', () => direct({ certificates: undefined }), /^certificates has no certificate/],
    [
      'a certificate that is none',
      () => direct({ certificates: ['-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'] }),
      /^certificates has something/,
    ],
    [
      'two certificates in one text',
      () => direct({ certificates: [current.certificate + next.certificate] }),
      /^certificates has something/,
    ],
    [
      'an expired certificate',
      () => direct({ certificates: [expired.certificate] }),
      /^certificates has a certificate that has expired/,
    ],
    [
      'an expired certificate beside another',
      () => direct({ certificates: [current.certificate, expired.certificate] }),
      /^certificates has a certificate that has expired/,
    ],
    [
      'a certificate that is not valid yet',
      () => direct({ certificates: [early.certificate] }),
      /^certificates has no certificate that is valid yet/,
    ],
    [
      'a short key',
      () => direct({ certificates: [short.certificate] }),
      /^certificates has a certificate of an RSA key under 2048/,
    ],
    ['an audience with a space', () => direct({ audience: 'a b' }), /^audience has spaces/],
  ])('%s is named by its field', (_what, input, sentence) => {
    const found = faults(input());
    expect(found.filter((fault) => sentence.test(fault))).toHaveLength(1);
  });

  it('leaves out an expired certificate that a provider still has in its metadata, and takes the next one ahead', () => {
    const outcome = samlConfiguration(given({ metadata: metadata({ keys: [expired, current, early] }) }), Date.now());
    expect('settings' in outcome ? outcome.settings.certificates : []).toHaveLength(2);
    expect(faults(given({ metadata: metadata({ keys: [expired] }) }))).toStrictEqual([
      'metadata has a certificate that has expired',
    ]);
  });

  it('warns of each certificate thirty days before it ends, and after', () => {
    const pems = [current.certificate, soon.certificate];
    const [warning, ...more] = certificateWarnings(pems, Date.now());
    expect(more).toStrictEqual([]);
    expect(warning).toMatchObject({ field: 'certificates', warning: 'certificate-expires' });
    expect(warning?.fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect(certificateWarnings(pems, Date.now() - 11 * DAY_MS)).toStrictEqual([]);
    expect(certificateWarnings(pems, Date.now() + 21 * DAY_MS).map((one) => one.warning)).toStrictEqual([
      'certificate-expired',
    ]);
  });
});
