import { ResponseBodyError, WWWAuthenticateChallengeError } from 'openid-client';
import { BrokerError } from '../../kernel/errors.js';
import { providerUnavailable } from '../provider-unavailable.js';
import { type OidcCheck, oidcRefused } from './oidc-checks.js';

const CAUSES_MAX = 5;

/** Checks by the claim that the library names. */
const CHECK_OF_CLAIM: ReadonlyMap<string, OidcCheck> = new Map([
  ['iss', 'issuer'],
  ['aud', 'audience'],
  ['azp', 'authorized_party'],
  ['nonce', 'nonce'],
  ['exp', 'expired'],
  ['nbf', 'not_yet_valid'],
]);

/** What the library's refusal is called here. Its causes have parts of tokens in them, so they go no further. */
export function refusalOf(error: unknown): BrokerError {
  const chain = causesOf(error);
  const own = chain.find((one) => one instanceof BrokerError);
  if (own !== undefined) return own;
  if (chain.some((one) => one instanceof WWWAuthenticateChallengeError)) return oidcRefused('client_refused');
  const answered = chain.find((one) => one instanceof ResponseBodyError);
  if (answered !== undefined)
    return oidcRefused(answered.error === 'invalid_grant' ? 'code_refused' : 'client_refused');
  const status = chain.find((one) => one instanceof Response)?.status ?? 0;
  if (status >= 500) return providerUnavailable('status');
  return oidcRefused(checkOf(chain));
}

function checkOf(chain: readonly unknown[]): OidcCheck {
  const [check] = chain.flatMap((one) => CHECK_OF_CLAIM.get(memberOf(one, 'claim')) ?? []);
  if (check !== undefined) return check;
  if (chain.some((one) => memberOf(one, 'code') === 'OAUTH_KEY_SELECTION_FAILED')) return 'key_unknown';
  if (chain.some((one) => memberOf(one, 'attribute') === 'sub')) return 'userinfo_subject';
  const messages = chain.map((one) => memberOf(one, 'message'));
  if (messages.includes('JWT signature verification failed')) return 'signature';
  return messages.includes('unexpected JWT "alg" header parameter') ? 'algorithm' : 'token_answer';
}

/** The error and what caused it, down to the value in which the library says what it looked at. */
function causesOf(error: unknown): readonly unknown[] {
  const chain: unknown[] = [];
  for (let at = error; at !== undefined && chain.length < CAUSES_MAX; at = at instanceof Error ? at.cause : undefined) {
    chain.push(at);
  }
  return chain;
}

function memberOf(value: unknown, name: string): string {
  const member: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  return typeof member === 'string' ? member : '';
}
