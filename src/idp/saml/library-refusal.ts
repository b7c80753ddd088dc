import { BrokerError } from '../../kernel/errors.js';
import { type SamlCheck, samlRefusal } from './saml-check.js';

/** Which check a text of the library means. The texts stay here: they have names and values of the assertion in them. */
const CHECK_OF_TEXT: readonly (readonly [RegExp, SamlCheck])[] = [
  [/^Invalid (?:document )?signature/, 'saml_signature'],
  [/^SAML assertion not yet valid/, 'saml_not_yet'],
  [/^SAML assertion expired/, 'saml_expired'],
  [/^No valid subject confirmation/, 'saml_confirmation'],
  [/^SAML assertion (?:has no AudienceRestriction|AudienceRestriction|audience mismatch)/, 'saml_audience'],
  [/^(?:Subject)?InResponseTo /, 'saml_request'],
];

/** What a failure of the library is told as; refusals of our own stay what they are. */
export function refusalOf(error: unknown): BrokerError {
  if (error instanceof BrokerError) return error;
  const text = error instanceof Error ? error.message : '';
  return samlRefusal(CHECK_OF_TEXT.find(([pattern]) => pattern.test(text))?.[1] ?? 'saml_unreadable');
}
