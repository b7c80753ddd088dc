import { randomBytes } from 'node:crypto';

const PREFIXES =
  'xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"';

/** The parts of an assertion as XML, each of which an attack can replace; an empty one is left out. */
export interface AssertionText {
  readonly id: string;
  readonly version: string;
  readonly issued: string;
  readonly issuer: string;
  readonly nameId: string;
  readonly confirmation: string;
  readonly conditions: string;
  readonly authnStatement: string;
  readonly attributes: string;
}

/** What a response is made for. */
export interface SamlAsked {
  readonly issuer: string;
  readonly audience: string;
  readonly acs: string;
  readonly requestId: string;
}

export function newId(): string {
  return `_${randomBytes(16).toString('hex')}`;
}

/** A time of SAML, in seconds from now. */
export function at(seconds: number): string {
  return new Date(Date.now() + seconds * 1_000).toISOString();
}

/** An attribute with its values; they are XML already. */
export function attribute(name: string, ...values: readonly string[]): string {
  const all = values.map((value) => `<saml:AttributeValue>${value}</saml:AttributeValue>`).join('');
  return `<saml:Attribute Name="${name}">${all}</saml:Attribute>`;
}

/** A confirmation of the subject. Of attributes that are undefined none is written. */
export function confirmation(
  attributes: Readonly<Record<string, string | undefined>>,
  method = 'urn:oasis:names:tc:SAML:2.0:cm:bearer',
): string {
  const written = Object.entries(attributes).flatMap(([name, value]) =>
    value === undefined ? [] : `${name}="${value}"`,
  );
  return `<saml:SubjectConfirmation Method="${method}"><saml:SubjectConfirmationData ${written.join(' ')}/></saml:SubjectConfirmation>`;
}

export function conditions(audience: string, { from = -30, to = 240, more = '' } = {}): string {
  const restriction =
    audience && `<saml:AudienceRestriction><saml:Audience>${audience}</saml:Audience></saml:AudienceRestriction>`;
  return `<saml:Conditions NotBefore="${at(from)}" NotOnOrAfter="${at(to)}">${restriction}${more}</saml:Conditions>`;
}

export function authnStatement({
  seconds = -5,
  more = ` SessionNotOnOrAfter="${at(28_800)}"`,
  context = 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport',
} = {}): string {
  const reference = `<saml:AuthnContext><saml:AuthnContextClassRef>${context}</saml:AuthnContextClassRef></saml:AuthnContext>`;
  return `<saml:AuthnStatement AuthnInstant="${at(seconds)}" SessionIndex="s-1"${more}>${reference}</saml:AuthnStatement>`;
}

/** What an honest provider says of alice. */
export function honestAssertion({ issuer, audience, acs, requestId }: SamlAsked): AssertionText {
  return {
    id: newId(),
    version: '2.0',
    issued: at(0),
    issuer,
    nameId: 'alice@example.com',
    confirmation: confirmation({ Recipient: acs, InResponseTo: requestId, NotOnOrAfter: at(240) }),
    conditions: conditions(audience),
    authnStatement: authnStatement(),
    attributes: `${attribute('groups', 'dba', 'security')}${attribute('mail', 'alice@example.com')}`,
  };
}

export function assertionXml(text: AssertionText): string {
  const subject = `<saml:Subject><saml:NameID>${text.nameId}</saml:NameID>${text.confirmation}</saml:Subject>`;
  const statement = text.attributes && `<saml:AttributeStatement>${text.attributes}</saml:AttributeStatement>`;
  return [
    `<saml:Assertion ${PREFIXES} ID="${text.id}" Version="${text.version}" IssueInstant="${text.issued}">`,
    `<saml:Issuer>${text.issuer}</saml:Issuer>${subject}${text.conditions}${text.authnStatement}${statement}`,
    '</saml:Assertion>',
  ].join('');
}

/** The attributes of a response, each of which an attack can replace or leave out, and what stands in it. */
export interface ResponseText {
  readonly attributes: Readonly<Record<string, string | undefined>>;
  readonly issuer: string;
  readonly status: string;
  /** After the status: the assertion. */
  readonly content: string;
}

export function honestResponse({ issuer, acs, requestId }: SamlAsked, content: string): ResponseText {
  return {
    attributes: { ID: newId(), Version: '2.0', IssueInstant: at(0), Destination: acs, InResponseTo: requestId },
    issuer,
    status: 'urn:oasis:names:tc:SAML:2.0:status:Success',
    content,
  };
}

export function responseXml({ attributes, issuer, status, content }: ResponseText): string {
  const written = Object.entries(attributes).flatMap(([name, value]) =>
    value === undefined ? [] : `${name}="${value}"`,
  );
  const from = issuer && `<saml:Issuer>${issuer}</saml:Issuer>`;
  const outcome = `<samlp:Status><samlp:StatusCode Value="${status}"/></samlp:Status>`;
  return `<samlp:Response ${PREFIXES} ${written.join(' ')}>${from}${outcome}${content}</samlp:Response>`;
}
