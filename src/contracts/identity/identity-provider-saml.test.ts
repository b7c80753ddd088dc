import { expect, it } from 'vitest';
import type { SamlProviderInput } from '../../domain/identity/saml-provider.js';
import { samlProviderRequest } from './identity-provider-saml.js';

const SAML = { kind: 'saml', for: ['people'] };

it('gives what the configuration of a SAML provider is made of, with its defaults', () => {
  const input: SamlProviderInput = samlProviderRequest.parse({ ...SAML, metadata: '<x/>' });
  expect(input).toStrictEqual({
    ...SAML,
    metadata: '<x/>',
    wantResponseSigned: false,
    attributes: {},
    forceAuthn: false,
    authnContexts: [],
    clockSkewSeconds: 30,
  });
});

it.each([
  ['tokens of agents', { for: ['agents'] }],
  ['a field that nobody knows', { entityId: 'x' }],
  ['metadata that are too long', { metadata: 'x'.repeat(262_145) }],
  ['nine certificates', { certificates: Array.from({ length: 9 }, () => '-----BEGIN CERTIFICATE-----') }],
  ['a certificate that is not PEM', { certificates: ['MIIB'] }],
  ['an issuer with a control character', { issuer: 'a\nb' }],
  ['a clock that is three minutes off', { clockSkewSeconds: 180 }],
  ['an attribute that nobody knows', { attributes: { phone: 'x' } }],
])('refuses %s', (_what, given) => {
  expect(samlProviderRequest.safeParse(SAML).success).toBe(true);
  expect(samlProviderRequest.safeParse({ ...SAML, ...given }).success).toBe(false);
});
