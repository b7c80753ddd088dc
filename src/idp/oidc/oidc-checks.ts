import { BrokerError } from '../../kernel/errors.js';

/** Why a sign-in by OpenID Connect was refused: in the log, in the record, and as the short code that the person sees. */
export const OIDC_CHECKS = [
  'other_provider',
  'parameter_twice',
  'parameter_malformed',
  'state',
  'issuer_parameter',
  'provider_error',
  'declined',
  'code_missing',
  'code_refused',
  'client_refused',
  'token_answer',
  'id_token_missing',
  'too_large',
  'malformed',
  'encrypted',
  'duplicate_member',
  'critical_header',
  'key_in_header',
  'type',
  'algorithm',
  'key_unknown',
  'signature',
  'issuer',
  'audience',
  'authorized_party',
  'claim_missing',
  'claim_malformed',
  'subject',
  'expired',
  'not_yet_valid',
  'issued_ahead',
  'issued_long_ago',
  'nonce',
  'authentication_age',
  'acr',
  'groups_malformed',
  'groups_elsewhere',
  'userinfo',
  'userinfo_subject',
  'logout_event',
  'logout_subject',
  'logout_nonce',
  'logout_replayed',
] as const;
export type OidcCheck = (typeof OIDC_CHECKS)[number];

/** The refusal of a sign-in; it says nothing of what the provider sent. */
export function oidcRefused(check: OidcCheck, cause?: unknown): BrokerError {
  return new BrokerError('signin_refused', { fields: { check }, ...(cause === undefined ? {} : { cause }) });
}
