import { assertionParts } from './assertion-parts.js';
import { type SamlCheck, demand } from './saml-check.js';
import { ASSERTION, PROTOCOL, SIGNATURE, SUCCESS } from './saml-names.js';
import { hasOnlyOneOfEach } from './saml-shape.js';
import { checkSignatures } from './signature-checks.js';
import { type XmlElement, attributeOf, childrenOf, everyElement, isNamed, textOf } from './xml/xml-element.js';

const ID = /^[A-Za-z_][A-Za-z0-9._-]{0,255}$/;

/** What a response has to be for. */
export interface ExpectedResponse {
  /** The identity provider's entityID. */
  readonly issuer: string;
  /** The address that takes responses: the assertion consumer service. */
  readonly acs: string;
  readonly wantResponseSigned: boolean;
}

/** What the document itself says, before anybody has looked whether it is signed. */
export interface ResponseClaims {
  readonly inResponseTo: string;
  readonly assertionId: string;
  /** It has a signature, which has to be good then. */
  readonly isResponseSigned: boolean;
}

/**
 * The checks on the whole document, before the library sees it: that there is one assertion in the one place where it
 * may be, that signatures cover what they stand in, and that the response is for this address.
 * @throws BrokerError signin_refused
 */
export function checkResponse(root: XmlElement, expected: ExpectedResponse): ResponseClaims {
  demand(isNamed(root, PROTOCOL, 'Response'), 'saml_root');
  demand(attributeOf(root, 'Version') === '2.0', 'saml_version');
  checkStatus(root);
  const assertion = theAssertion(root);
  checkIds(root);
  const { isResponseSigned } = checkSignatures(root, assertion);
  demand(isResponseSigned || !expected.wantResponseSigned, 'saml_unsigned');
  checkIssuer(root, expected.issuer, isResponseSigned);
  checkDestination(root, expected.acs, isResponseSigned);
  const inResponseTo = attributeOf(root, 'InResponseTo');
  demand(inResponseTo !== undefined, 'saml_unsolicited');
  demand(ID.test(inResponseTo), 'saml_request');
  assertionParts(assertion);
  return { inResponseTo, assertionId: attributeOf(assertion, 'ID') ?? '', isResponseSigned };
}

/** Before the parts: a response that says no has no assertion. */
function checkStatus(root: XmlElement): void {
  const [status, ...more] = childrenOf(root, PROTOCOL, 'Status');
  demand(status !== undefined && more.length === 0, 'saml_structure');
  const codes = childrenOf(status, PROTOCOL, 'StatusCode');
  demand(codes.length === 1 && codes.every((code) => attributeOf(code, 'Value') === SUCCESS), 'saml_status');
}

/** The one assertion anywhere in the document, which is a child of the response. */
function theAssertion(root: XmlElement): XmlElement {
  const [assertion] = childrenOf(root, ASSERTION, 'Assertion');
  demand(assertion !== undefined, 'saml_structure');
  const all = [...everyElement(root)].map(({ element }) => element.name);
  const isAlone = (name: string): boolean => all.filter((other) => other === name).length === 1;
  demand(isAlone('Assertion') && isAlone('Response'), 'saml_structure');
  const allowed: readonly (readonly [string, string])[] = [
    [ASSERTION, 'Issuer'],
    [SIGNATURE, 'Signature'],
    [PROTOCOL, 'Status'],
    [ASSERTION, 'Assertion'],
  ];
  demand(hasOnlyOneOfEach(root, allowed), 'saml_structure');
  return assertion;
}

/** Every attribute that any reader takes for an ID is one, and none is there twice. */
function checkIds(root: XmlElement): void {
  const ids = [...everyElement(root)].flatMap(({ element }) =>
    element.attributes.filter(({ name }) => name.toLowerCase() === 'id').map(({ value }) => value),
  );
  demand(ids.every((id) => ID.test(id)) && new Set(ids).size === ids.length, 'saml_id');
}

/** A response may leave its issuer out, unless it is signed. */
function checkIssuer(root: XmlElement, issuer: string, isRequired: boolean): void {
  const [given] = childrenOf(root, ASSERTION, 'Issuer');
  if (given === undefined) demand(!isRequired, 'saml_issuer');
  else demand(textOf(given) === issuer, 'saml_issuer');
}

/** A response may leave its destination out, unless it is signed. */
function checkDestination(root: XmlElement, acs: string, isRequired: boolean): void {
  const destination = attributeOf(root, 'Destination');
  const check: SamlCheck = 'saml_destination';
  if (destination === undefined) demand(!isRequired, check);
  else demand(destination === acs, check);
}
