import { demand } from './saml-check.js';
import { ASSERTION, SIGNATURE } from './saml-names.js';
import { hasOnlyOneOfEach } from './saml-shape.js';
import { type XmlElement, attributeOf, childrenOf, isNamed } from './xml/xml-element.js';

/** The parts of an assertion of a sign-in; each is there once. */
export interface AssertionParts {
  readonly id: string;
  readonly issuer: XmlElement;
  readonly nameId: XmlElement;
  readonly confirmation: XmlElement;
  readonly confirmationData: XmlElement;
  readonly conditions: XmlElement;
  readonly authnStatement: XmlElement;
  /** Undefined: the identity provider says no attributes. */
  readonly attributeStatement: XmlElement | undefined;
}

/**
 * Takes an assertion apart, and refuses one that lacks a part of a sign-in or has one more. It checks no value, so it
 * may be asked of an assertion that nobody has verified, too.
 * @throws BrokerError signin_refused
 */
export function assertionParts(assertion: XmlElement): AssertionParts {
  demand(isNamed(assertion, ASSERTION, 'Assertion'), 'saml_structure');
  demand(attributeOf(assertion, 'Version') === '2.0', 'saml_version');
  const conditions = childrenOf(assertion, ASSERTION, 'Conditions');
  demand(conditions.length === 1, 'saml_conditions');
  demand(childrenOf(assertion, ASSERTION, 'AuthnStatement').length === 1, 'saml_authentication');
  demand(hasOnlyOneOfEach(assertion, allowed), 'saml_structure');
  const subject = one(assertion, 'Subject');
  const confirmations = childrenOf(subject, ASSERTION, 'SubjectConfirmation');
  const [confirmation] = confirmations;
  demand(confirmation !== undefined && confirmations.length === 1, 'saml_confirmation');
  demand(childrenOf(subject, ASSERTION, 'NameID').length === 1, 'saml_name_id');
  demand(hasOnlyOneOfEach(subject, inSubject), 'saml_structure');
  demand(hasOnlyOneOfEach(confirmation, inConfirmation), 'saml_confirmation');
  const [confirmationData] = childrenOf(confirmation, ASSERTION, 'SubjectConfirmationData');
  demand(confirmationData !== undefined && confirmationData.children.length === 0, 'saml_confirmation');
  const [attributeStatement] = childrenOf(assertion, ASSERTION, 'AttributeStatement');
  return {
    id: attributeOf(assertion, 'ID') ?? '',
    issuer: one(assertion, 'Issuer'),
    nameId: one(subject, 'NameID'),
    confirmation,
    confirmationData,
    conditions: one(assertion, 'Conditions'),
    authnStatement: one(assertion, 'AuthnStatement'),
    attributeStatement,
  };
}

const allowed: readonly (readonly [string, string])[] = [
  [ASSERTION, 'Issuer'],
  [SIGNATURE, 'Signature'],
  [ASSERTION, 'Subject'],
  [ASSERTION, 'Conditions'],
  [ASSERTION, 'Advice'],
  [ASSERTION, 'AuthnStatement'],
  [ASSERTION, 'AttributeStatement'],
];
const inSubject: readonly (readonly [string, string])[] = [
  [ASSERTION, 'NameID'],
  [ASSERTION, 'SubjectConfirmation'],
];
const inConfirmation: readonly (readonly [string, string])[] = [[ASSERTION, 'SubjectConfirmationData']];

function one(element: XmlElement, name: string): XmlElement {
  const [found, ...more] = childrenOf(element, ASSERTION, name);
  demand(found !== undefined && more.length === 0, 'saml_structure');
  return found;
}
