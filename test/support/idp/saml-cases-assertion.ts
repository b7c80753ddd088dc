import { type SamlCase, documentCase } from './saml-case.js';
import { LyingSaml } from './lying-saml.js';
import { at, attribute, authnStatement, conditions, confirmation } from './saml-texts.js';

const ELSEWHERE = 'https://other-sp.example/acs';
const usual = ({ acs, requestId }: { acs: string; requestId: string }): Record<string, string> => ({
  Recipient: acs,
  InResponseTo: requestId,
  NotOnOrAfter: at(240),
});

/** Signed assertions that are not for this sign-in. */
export const ASSERTION_CASES: readonly SamlCase[] = [
  documentCase('8', 'audience of another', ['refused', 'saml_audience'], ({ idp }) =>
    idp.answer({ assertion: { conditions: conditions('https://other-sp.example') } }),
  ),
  documentCase('9', 'no audience', ['refused', 'saml_audience'], ({ idp }) =>
    idp.answer({ assertion: { conditions: conditions('') } }),
  ),
  documentCase('10', 'no Conditions', ['refused', 'saml_conditions'], ({ idp }) =>
    idp.answer({ assertion: { conditions: '' } }),
  ),
  documentCase('11', 'expired', ['refused', 'saml_expired'], ({ idp }) =>
    idp.answer({ assertion: { conditions: conditions(idp.asked.audience, { from: -290, to: -120 }) } }),
  ),
  documentCase('12', 'not yet valid', ['refused', 'saml_not_yet'], ({ idp }) =>
    idp.answer({ assertion: { conditions: conditions(idp.asked.audience, { from: 120 }) } }),
  ),
  documentCase('13', 'the confirmation is expired', ['refused', 'saml_confirmation'], ({ idp }) =>
    idp.answer({ assertion: { confirmation: confirmation({ ...usual(idp.asked), NotOnOrAfter: at(-120) }) } }),
  ),
  documentCase('14', 'Recipient of another', ['accepted', 'saml_recipient'], ({ idp }) =>
    idp.answer({ assertion: { confirmation: confirmation({ ...usual(idp.asked), Recipient: ELSEWHERE }) } }),
  ),
  documentCase('15', 'Destination of another, the response not signed', ['accepted', 'saml_destination'], ({ idp }) =>
    idp.answer({ response: { Destination: ELSEWHERE } }),
  ),
  documentCase('15b', 'Destination of another, the response signed', ['accepted', 'saml_destination'], ({ idp }) =>
    idp.answer({ response: { Destination: ELSEWHERE }, signResponse: true }),
  ),
  documentCase('16', 'holder-of-key in place of bearer', ['accepted', 'saml_confirmation'], ({ idp }) => {
    const method = 'urn:oasis:names:tc:SAML:2.0:cm:holder-of-key';
    return idp.answer({ assertion: { confirmation: confirmation(usual(idp.asked), method) } });
  }),
  documentCase('17', 'no SubjectConfirmation', ['accepted', 'saml_confirmation'], ({ idp }) =>
    idp.answer({ assertion: { confirmation: '' } }),
  ),
  documentCase('18', 'begun by the provider: no InResponseTo at all', ['refused', 'saml_unsolicited'], ({ idp }) =>
    idp.answer({
      response: { InResponseTo: undefined },
      assertion: { confirmation: confirmation({ Recipient: idp.asked.acs, NotOnOrAfter: at(240) }) },
    }),
  ),
  documentCase('19', 'InResponseTo of nobody', ['refused', 'saml_request'], ({ idp, keys }) =>
    new LyingSaml({ ...idp.asked, requestId: '_0123456789abcdef' }, keys.current).answer(),
  ),
  documentCase('20', 'the assertion answers another request', ['refused', 'saml_request'], ({ idp }) =>
    idp.answer({
      assertion: { confirmation: confirmation({ ...usual(idp.asked), InResponseTo: '_0123456789abcdef' }) },
    }),
  ),
  {
    id: '21',
    what: 'the same response again',
    alone: 'refused',
    outcome: 'saml_request',
    brings: ({ idp }) => {
      const document = idp.answer();
      return [{ document }, { document }];
    },
  },
  documentCase(
    '22',
    'an assertion without InResponseTo in a new response to an open request',
    ['accepted', 'saml_unsolicited'],
    ({ idp }) =>
      idp.answer({ assertion: { confirmation: confirmation({ Recipient: idp.asked.acs, NotOnOrAfter: at(240) }) } }),
  ),
  {
    id: '22b',
    what: 'the same assertion in a response to a further request',
    alone: 'accepted',
    outcome: 'saml_unsolicited',
    brings: async ({ idp, again }) => {
      const more = await again();
      const unbound = { confirmation: confirmation({ Recipient: idp.asked.acs, NotOnOrAfter: at(240) }) };
      const assertion = idp.assertion({ assertion: unbound });
      return [
        { document: idp.response(assertion) },
        { document: more.idp.response(assertion), relayState: more.relayState },
      ];
    },
  },
  documentCase('23', 'Issuer of another in the assertion', ['accepted', 'saml_issuer'], ({ idp }) =>
    idp.answer({ assertion: { issuer: 'https://evil.example' } }),
  ),
  documentCase('23b', 'Issuer of another in the response', ['accepted', 'saml_issuer'], ({ idp }) =>
    idp.answer({ responseIssuer: 'https://evil.example' }),
  ),
  documentCase('29', 'the status is Responder', ['refused', 'saml_status'], ({ idp }) =>
    idp.response('', { status: 'urn:oasis:names:tc:SAML:2.0:status:Responder' }),
  ),
  documentCase('31', 'issued a day ago', ['refused', 'saml_confirmation'], ({ idp }) =>
    idp.answer({ assertion: { issued: at(-86_400) } }),
  ),
  documentCase('37', 'version 1.1', ['accepted', 'saml_version'], ({ idp }) =>
    idp.answer({ assertion: { version: '1.1' } }),
  ),
  documentCase('A1', 'signed, and the Destination left out', ['accepted', 'saml_destination'], ({ idp }) =>
    idp.answer({ response: { Destination: undefined }, signResponse: true }),
  ),
  documentCase('A2', 'a condition that nobody knows', ['accepted', 'saml_conditions'], ({ idp }) =>
    idp.answer({ assertion: { conditions: conditions(idp.asked.audience, { more: '<saml:Condition/>' }) } }),
  ),
  documentCase('A3', 'a second AudienceRestriction, of another', ['refused', 'saml_audience'], ({ idp }) => {
    const more =
      '<saml:AudienceRestriction><saml:Audience>https://other-sp.example</saml:Audience></saml:AudienceRestriction>';
    return idp.answer({ assertion: { conditions: conditions(idp.asked.audience, { more }) } });
  }),
  documentCase('A4', 'two confirmations, one of another', ['accepted', 'saml_confirmation'], ({ idp }) => {
    const other = confirmation({ ...usual(idp.asked), Recipient: ELSEWHERE });
    return idp.answer({ assertion: { confirmation: confirmation(usual(idp.asked)) + other } });
  }),
  documentCase('A5', 'the confirmation has a NotBefore', ['accepted', 'saml_confirmation'], ({ idp }) =>
    idp.answer({ assertion: { confirmation: confirmation({ ...usual(idp.asked), NotBefore: at(-60) }) } }),
  ),
  documentCase('A6', 'issued in the future', ['accepted', 'saml_not_yet'], ({ idp }) =>
    idp.answer({ assertion: { issued: at(600) } }),
  ),
  documentCase('A7', 'no AuthnStatement', ['accepted', 'saml_authentication'], ({ idp }) =>
    idp.answer({ assertion: { authnStatement: '' } }),
  ),
  documentCase('A8', 'the person signed in 13 hours ago', ['accepted', 'saml_authentication'], ({ idp }) =>
    idp.answer({ assertion: { authnStatement: authnStatement({ seconds: -46_800 }) } }),
  ),
  {
    ...documentCase(
      'A9',
      'a fresh proof was asked for, and the person signed in before',
      ['accepted', 'saml_authentication'],
      ({ idp }) => idp.answer({ assertion: { authnStatement: authnStatement({ seconds: -120 }) } }),
    ),
    reauthenticate: true,
  },
  {
    ...documentCase(
      'A10',
      'a way of signing in was asked for, and it was another',
      ['accepted', 'saml_authn_context'],
      ({ idp }) => idp.answer(),
    ),
    settings: () => ({ authnContexts: ['https://refeds.org/profile/mfa'] }),
  },
  documentCase('A11', 'the session at the provider is over', ['accepted', 'saml_session'], ({ idp }) =>
    idp.answer({ assertion: { authnStatement: authnStatement({ more: ` SessionNotOnOrAfter="${at(-60)}"` }) } }),
  ),
  documentCase('A12', 'a time that is none', ['refused', 'saml_unreadable'], ({ idp }) =>
    idp.answer({ assertion: { confirmation: confirmation({ ...usual(idp.asked), NotOnOrAfter: 'soon' }) } }),
  ),
  documentCase('A13', 'a NameID for this session only', ['accepted', 'saml_name_id'], ({ idp }) => {
    const format = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient';
    const assertion = idp.unsignedAssertion().replace('<saml:NameID>', `<saml:NameID Format="${format}">`);
    return idp.response(idp.sign(assertion));
  }),
  documentCase('A14', 'a NameID with a character that reverses what is read', ['accepted', 'saml_name_id'], ({ idp }) =>
    idp.answer({ assertion: { nameId: 'alice\u202Emoc.live\u202C@example.com' } }),
  ),
  documentCase('A15', 'a NameID with a control character', ['accepted', 'saml_name_id'], ({ idp }) =>
    idp.answer({ assertion: { nameId: 'alice@example.com&#x9;' } }),
  ),
  documentCase('A16', 'a NameID with a character of no width', ['accepted', 'saml_name_id'], ({ idp }) =>
    idp.answer({ assertion: { nameId: 'al\u200Bice@example.com' } }),
  ),
  documentCase('A17', 'an empty NameID', ['accepted', 'saml_name_id'], ({ idp }) =>
    idp.answer({ assertion: { nameId: '' } }),
  ),
  documentCase('A18', '2,500 groups', ['accepted', 'saml_attributes'], ({ idp }) => {
    const groups = Array.from({ length: 2_500 }, (_, index) => `g${index}`);
    return idp.answer({ assertion: { attributes: attribute('groups', ...groups) } });
  }),
  documentCase('A19', 'an attribute without a name', ['accepted', 'saml_attributes'], ({ idp }) =>
    idp.answer({ assertion: { attributes: attribute('', 'dba') } }),
  ),
  documentCase('A20', 'a second AuthnStatement', ['accepted', 'saml_authentication'], ({ idp }) =>
    idp.answer({ assertion: { authnStatement: authnStatement() + authnStatement() } }),
  ),
  documentCase('A21', 'an authorization decision in the assertion', ['accepted', 'saml_structure'], ({ idp }) => {
    const more =
      '<saml:AuthzDecisionStatement Resource="r" Decision="Permit"><saml:Action Namespace="urn:a">x</saml:Action></saml:AuthzDecisionStatement>';
    return idp.answer({ assertion: { authnStatement: authnStatement() + more } });
  }),
];
