import { type SamlCase, documentCase } from './saml-case.js';
import { LyingSaml } from './lying-saml.js';

const field = (document: string): string => encodeURIComponent(Buffer.from(document).toString('base64'));

/** Fields of the form, and answers that are another's: another provider's, another browser's, of another key. */
export const FORM_CASES: readonly SamlCase[] = [
  {
    id: 'F1',
    what: 'two fields SAMLResponse',
    alone: 'not asked',
    outcome: 'saml_form',
    brings: ({ idp, relayState }) => {
      const answer = field(idp.answer());
      return { body: `SAMLResponse=${answer}&SAMLResponse=${answer}&RelayState=${relayState}` };
    },
  },
  {
    id: 'F2',
    what: 'two fields RelayState',
    alone: 'not asked',
    outcome: 'saml_form',
    brings: ({ idp, relayState }) => ({
      body: `SAMLResponse=${field(idp.answer())}&RelayState=${relayState}&RelayState=other`,
    }),
  },
  {
    id: 'F3',
    what: 'no RelayState',
    alone: 'not asked',
    outcome: 'saml_form',
    brings: ({ idp }) => ({ body: `SAMLResponse=${field(idp.answer())}` }),
  },
  {
    id: 'F4',
    what: 'no SAMLResponse, but a SAMLRequest',
    alone: 'not asked',
    outcome: 'saml_form',
    brings: ({ idp, relayState }) => ({ body: `SAMLRequest=${field(idp.answer())}&RelayState=${relayState}` }),
  },
  {
    id: 'F5',
    what: "the RelayState of another browser's sign-in",
    alone: 'accepted',
    outcome: 'saml_relay_state',
    brings: async ({ idp, again }) => [{ document: idp.answer(), relayState: (await again()).relayState }],
  },
  {
    id: 'F6',
    what: 'a RelayState that is an address',
    alone: 'accepted',
    outcome: 'saml_relay_state',
    brings: ({ idp }) => ({ document: idp.answer(), relayState: 'https://evil.example/' }),
  },
  {
    id: 'F7',
    what: 'a form of 500 kB',
    alone: 'not asked',
    outcome: 'saml_size',
    brings: ({ relayState }) => ({ body: `RelayState=${relayState}&SAMLResponse=${'A'.repeat(500_000)}` }),
  },
  documentCase('F8', "another provider's honest answer", ['refused', 'saml_issuer'], ({ other }) => other.answer()),
  documentCase(
    'F9',
    "another provider's answer, made for this provider's address",
    ['refused', 'saml_issuer'],
    ({ idp, other }) => {
      const { acs, audience, requestId } = idp.asked;
      return new LyingSaml({ issuer: other.asked.issuer, acs, audience, requestId }, other.key).answer();
    },
  ),
  documentCase('F10', 'another provider names itself as this one', ['refused', 'saml_signature'], ({ idp, keys }) =>
    idp.answer({ key: keys.other }),
  ),
  {
    id: 'F11',
    what: 'an honest answer to a request that went to another provider',
    alone: 'refused',
    outcome: 'saml_request',
    brings: ({ idp, other, keys, otherRelayState }) => {
      const { requestId } = other.asked;
      return {
        document: new LyingSaml({ ...idp.asked, requestId }, keys.current).answer(),
        relayState: otherRelayState,
      };
    },
  },
  documentCase(
    'F12',
    "signed by a key that only the provider's newest metadata have",
    ['refused', 'saml_signature'],
    ({ idp, keys }) => idp.answer({ key: keys.foreign, signResponse: true }),
  ),
  {
    ...documentCase(
      'F13',
      'signed by a key of which the certificate has expired',
      ['accepted', 'saml_certificate'],
      ({ idp, keys }) => idp.answer({ key: keys.expired }),
    ),
    settings: ({ expired }) => ({ certificates: [expired.certificate] }),
  },
  {
    ...documentCase(
      'F14',
      'the same, beside a certificate that is valid',
      ['accepted', 'saml_signature'],
      ({ idp, keys }) => idp.answer({ key: keys.expired }),
    ),
    settings: ({ current, expired }) => ({ certificates: [expired.certificate, current.certificate] }),
  },
];
