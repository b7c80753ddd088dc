import type { SamlProviderSettings } from '../../domain/identity/saml-provider.js';
import type { VerifiedIdentity } from '../../domain/identity/verified-identity.js';
import { shownLine } from '../../domain/visible-text.js';
import type { AssertionFacts } from './assertion-checks.js';
import { demand } from './saml-check.js';
import { TRANSIENT } from './saml-names.js';

const SUBJECT_CHARACTERS_MAX = 256;
const EMAIL = /^[^\s@]{1,64}@[^\s@]{1,255}$/;
const DISPLAY_CHARACTERS_MAX = 200;

/**
 * Who the person is, from the facts of a checked assertion.
 * @throws BrokerError signin_refused, by `saml_name_id` where nothing lasting names the person
 */
export function samlIdentity(
  provider: { readonly name: string; readonly settings: SamlProviderSettings },
  facts: AssertionFacts,
): VerifiedIdentity {
  const { attributes } = provider.settings;
  const email = onlyValue(facts, attributes.email);
  const displayName = onlyValue(facts, attributes.displayName);
  return {
    provider: provider.name,
    kind: 'saml',
    issuer: provider.settings.issuer,
    subject: subjectOf(facts, attributes.subject),
    // An attribute may have any name: the NameID comes last, so that none stands in its place.
    claims: { ...facts.attributes, nameId: facts.nameId },
    authAtMs: facts.authAtMs,
    acr: facts.authnContext,
    amr: [],
    email: email !== null && EMAIL.test(email) && isPlain(email) ? email : null,
    displayName: displayName === null ? null : shownLine(displayName.slice(0, DISPLAY_CHARACTERS_MAX)),
    untilMs: facts.sessionUntilMs,
    providerSession: facts.sessionIndex,
  };
}

function subjectOf(facts: AssertionFacts, attribute: string | null): string {
  const isTransient = facts.nameIdFormat === TRANSIENT;
  const subject = attribute === null ? (isTransient ? '' : facts.nameId) : (onlyValue(facts, attribute) ?? '');
  demand(subject !== '' && subject.length <= SUBJECT_CHARACTERS_MAX, 'saml_name_id');
  demand(isPlain(subject) && isPlain(facts.nameId), 'saml_name_id');
  return subject;
}

function isPlain(text: string): boolean {
  return shownLine(text) === text && text.trim() === text;
}

/** The value of an attribute that has exactly one, which is not empty. */
function onlyValue({ attributes }: AssertionFacts, name: string | null): string | null {
  if (name === null || !Object.hasOwn(attributes, name)) return null;
  const [value, ...more] = attributes[name] ?? [];
  return value === undefined || value === '' || more.length > 0 ? null : value;
}
