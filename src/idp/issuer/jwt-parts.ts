import { claimsOfJson } from '../../domain/identity/json-claims.js';
import { type Claims } from '../../domain/identity/verified-identity.js';
import { parseStrictJson } from '../strict-json.js';

/** Longer tokens are not looked at. */
export const TOKEN_BYTES_MAX = 16_384;

/** What a token says before anybody has verified it. */
export interface JwtParts {
  readonly header: Claims;
  readonly payload: Claims;
}

export type JwtFault = 'too_large' | 'malformed' | 'encrypted' | 'duplicate_member';

const BASE64URL = /^[A-Za-z0-9_-]+$/;

/** Splits a token of three parts (JWS compact serialization, RFC 7515 7.1) and reads the first two strictly. */
export function jwtParts(token: string): JwtParts | JwtFault {
  if (token.length > TOKEN_BYTES_MAX) return 'too_large';
  const parts = token.split('.');
  if (parts.length === 5) return 'encrypted';
  const [head = '', body = '', signature = ''] = parts;
  if (parts.length !== 3 || ![head, body, signature].every((part) => BASE64URL.test(part))) return 'malformed';
  const header = membersOf(head);
  const payload = membersOf(body);
  if (typeof header === 'string') return header;
  return typeof payload === 'string' ? payload : { header, payload };
}

function membersOf(part: string): Claims | JwtFault {
  const text = textOf(part);
  if (text === undefined) return 'malformed';
  const json = parseStrictJson(text);
  if ('fault' in json) return json.fault === 'duplicate_member' ? 'duplicate_member' : 'malformed';
  return claimsOfJson(json.value) ?? 'malformed';
}

function textOf(part: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(part, 'base64url'));
  } catch {
    return undefined;
  }
}
