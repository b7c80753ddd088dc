import { type AssertionParts, assertionParts } from './assertion-parts.js';
import { type SamlAttributes, attributesIn } from './saml-attributes.js';
import { demand } from './saml-check.js';
import { ASSERTION, BEARER } from './saml-names.js';
import { samlTimeMs } from './saml-time.js';
import { type XmlElement, attributeOf, childrenOf, elementsOf, isNamed, textOf } from './xml/xml-element.js';

/** How old an assertion may be: what a browser needs to carry it. */
export const ASSERTION_AGE_MS_MAX = 300_000;
/** How long ago the person may have proved who they are, where nothing else was asked for. */
const AUTHENTICATION_AGE_MS_MAX = 12 * 3_600_000;
const NAME_CHARACTERS_MAX = 1_024;

/** What an assertion has to be for. */
export interface ExpectedAssertion {
  readonly issuer: string;
  /** The broker's name at this identity provider. */
  readonly audience: string;
  readonly acs: string;
  readonly requestId: string;
  /** Of the assertion that the document was found to have. */
  readonly assertionId: string;
  /** When the request was made; where `isFresh`, the person has to have signed in after it. */
  readonly requestedAtMs: number;
  readonly isFresh: boolean;
  /** Ways of signing in of which it has to be one; empty: any. */
  readonly authnContexts: readonly string[];
  readonly nowMs: number;
  readonly skewMs: number;
}

/** What a checked assertion says. */
export interface AssertionFacts {
  readonly nameId: string;
  readonly nameIdFormat: string | null;
  readonly attributes: SamlAttributes;
  readonly authAtMs: number;
  readonly authnContext: string | null;
  readonly sessionIndex: string | null;
  readonly sessionUntilMs: number | null;
  /** Until when the same assertion could be taken again, if nobody remembered it. */
  readonly replayableUntilMs: number;
}

/**
 * The checks on the bytes that are signed. Nothing of the document around them is read here.
 * @throws BrokerError signin_refused
 */
export function checkAssertion(assertion: XmlElement, expected: ExpectedAssertion): AssertionFacts {
  const parts = assertionParts(assertion);
  demand(parts.id === expected.assertionId, 'saml_reference');
  demand(textOf(parts.issuer) === expected.issuer, 'saml_issuer');
  const endsMs = Math.min(issueEnd(assertion, expected), checkConditions(parts, expected));
  checkConfirmation(parts, expected);
  return {
    nameId: textOf(parts.nameId) ?? '',
    nameIdFormat: attributeOf(parts.nameId, 'Format') ?? null,
    attributes: attributesIn(parts.attributeStatement),
    ...checkAuthentication(parts.authnStatement, expected),
    replayableUntilMs: endsMs + expected.skewMs,
  };
}

/** When the assertion is too old, by its own word of when it was made. */
function issueEnd(assertion: XmlElement, { nowMs, skewMs }: ExpectedAssertion): number {
  const issuedMs = samlTimeMs(attributeOf(assertion, 'IssueInstant'));
  demand(issuedMs !== undefined && issuedMs - skewMs <= nowMs, 'saml_not_yet');
  const endsMs = issuedMs + ASSERTION_AGE_MS_MAX;
  demand(nowMs - skewMs < endsMs, 'saml_expired');
  return endsMs;
}

/** Gives when the conditions end. */
function checkConditions({ conditions }: AssertionParts, { nowMs, skewMs, audience }: ExpectedAssertion): number {
  const known = ['AudienceRestriction', 'OneTimeUse', 'ProxyRestriction'];
  const isKnown = (child: XmlElement): boolean => known.some((name) => isNamed(child, ASSERTION, name));
  demand(elementsOf(conditions).every(isKnown), 'saml_conditions');
  const endsMs = samlTimeMs(attributeOf(conditions, 'NotOnOrAfter'));
  demand(endsMs !== undefined, 'saml_conditions');
  demand(nowMs - skewMs < endsMs, 'saml_expired');
  const begins = attributeOf(conditions, 'NotBefore');
  if (begins !== undefined) {
    const beginsMs = samlTimeMs(begins);
    demand(beginsMs !== undefined && beginsMs - skewMs <= nowMs, 'saml_not_yet');
  }
  const restrictions = childrenOf(conditions, ASSERTION, 'AudienceRestriction');
  const isForUs = (restriction: XmlElement): boolean =>
    childrenOf(restriction, ASSERTION, 'Audience').some((given) => textOf(given) === audience);
  demand(restrictions.length > 0 && restrictions.every(isForUs), 'saml_audience');
  return endsMs;
}

function checkConfirmation({ confirmation, confirmationData }: AssertionParts, expected: ExpectedAssertion): void {
  demand(attributeOf(confirmation, 'Method') === BEARER, 'saml_confirmation');
  demand(attributeOf(confirmationData, 'Recipient') === expected.acs, 'saml_recipient');
  const inResponseTo = attributeOf(confirmationData, 'InResponseTo');
  demand(inResponseTo !== undefined, 'saml_unsolicited');
  demand(inResponseTo === expected.requestId, 'saml_request');
  const endsMs = samlTimeMs(attributeOf(confirmationData, 'NotOnOrAfter'));
  demand(endsMs !== undefined && expected.nowMs - expected.skewMs < endsMs, 'saml_confirmation');
  demand(attributeOf(confirmationData, 'NotBefore') === undefined, 'saml_confirmation');
}

function checkAuthentication(
  statement: XmlElement,
  expected: ExpectedAssertion,
): Pick<AssertionFacts, 'authAtMs' | 'authnContext' | 'sessionIndex' | 'sessionUntilMs'> {
  const { nowMs, skewMs } = expected;
  const authAtMs = samlTimeMs(attributeOf(statement, 'AuthnInstant'));
  // A browser can take ForceAuthn out of the request, which nobody has signed: only the answer shows it was followed.
  const earliestMs = expected.isFresh ? expected.requestedAtMs : nowMs - AUTHENTICATION_AGE_MS_MAX;
  demand(
    authAtMs !== undefined && authAtMs - skewMs <= nowMs && authAtMs + skewMs >= earliestMs,
    'saml_authentication',
  );
  const authnContext = authnContextOf(statement);
  const asked = expected.authnContexts;
  demand(asked.length === 0 || (authnContext !== null && asked.includes(authnContext)), 'saml_authn_context');
  const until = attributeOf(statement, 'SessionNotOnOrAfter');
  const sessionUntilMs = until === undefined ? null : samlTimeMs(until);
  demand(sessionUntilMs === null || (sessionUntilMs !== undefined && sessionUntilMs > nowMs), 'saml_session');
  const sessionIndex = attributeOf(statement, 'SessionIndex') ?? null;
  demand((sessionIndex ?? '').length <= NAME_CHARACTERS_MAX, 'saml_authentication');
  return { authAtMs, authnContext, sessionIndex, sessionUntilMs };
}

/** The one class of the authentication context, or null. */
function authnContextOf(statement: XmlElement): string | null {
  const [context, ...more] = childrenOf(statement, ASSERTION, 'AuthnContext');
  demand(context !== undefined && more.length === 0, 'saml_authentication');
  const [reference, ...others] = childrenOf(context, ASSERTION, 'AuthnContextClassRef');
  if (reference === undefined) return null;
  const text = textOf(reference);
  demand(others.length === 0 && text !== undefined && text.length <= NAME_CHARACTERS_MAX, 'saml_authentication');
  return text;
}
