import { ASSERTION_CASES } from './saml-cases-assertion.js';
import { DOCUMENT_CASES } from './saml-cases-document.js';
import { FORM_CASES } from './saml-cases-form.js';
import { SIGNATURE_CASES } from './saml-cases-signature.js';
import { type SamlCase, documentCase } from './saml-case.js';
import { attribute, conditions } from './saml-texts.js';

const CONTROLS: readonly SamlCase[] = [
  documentCase('C1', 'an honest answer', ['accepted', 'accepted'], ({ idp }) => idp.answer()),
  documentCase('C2', 'an honest answer, signed by the next key', ['accepted', 'accepted'], ({ idp, keys }) =>
    idp.answer({ key: keys.next }),
  ),
  documentCase('C3', 'an honest answer with OneTimeUse', ['accepted', 'accepted'], ({ idp }) =>
    idp.answer({ assertion: { conditions: conditions(idp.asked.audience, { more: '<saml:OneTimeUse/>' }) } }),
  ),
  documentCase('C4', 'an honest answer, the response signed too', ['accepted', 'accepted'], ({ idp }) =>
    idp.answer({ signResponse: true }),
  ),
  documentCase(
    'C5',
    'an honest answer with a declaration and line ends',
    ['accepted', 'accepted'],
    ({ idp }) => `<?xml version="1.0" encoding="utf-8"?>\r\n${idp.answer()}\r\n`,
  ),
  documentCase('C6', 'groups that look like others', ['accepted', 'accepted'], ({ idp }) =>
    idp.answer({ assertion: { attributes: attribute('groups', 'dbа', 'dba\u200B', 'DBA') } }),
  ),
  documentCase('C7', 'an attribute roles=operator, which no rule reads', ['accepted', 'accepted'], ({ idp }) =>
    idp.answer({ assertion: { attributes: `${attribute('groups', 'dba')}${attribute('roles', 'operator')}` } }),
  ),
  documentCase('C8', 'attributes by the names of what every object has', ['accepted', 'accepted'], ({ idp }) =>
    idp.answer({
      assertion: {
        attributes: `${attribute('__proto__', 'x')}${attribute('constructor', 'y')}${attribute('nameId', 'root')}`,
      },
    }),
  ),
  {
    ...documentCase('C9', 'a fresh proof was asked for, and given', ['accepted', 'accepted'], ({ idp }) =>
      idp.answer(),
    ),
    reauthenticate: true,
  },
];

/** Every input with what has to happen to it: the numbers are those of the trials that led to the checks. */
export const SAML_CASES: readonly SamlCase[] = [
  ...SIGNATURE_CASES,
  ...ASSERTION_CASES,
  ...DOCUMENT_CASES,
  ...FORM_CASES,
  ...CONTROLS,
];
