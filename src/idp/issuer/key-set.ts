import { type JSONWebKeySet, type JWK } from 'jose';

const KEYS_MAX = 100;
const KEY_ID_CHARACTERS_MAX = 256;
/** Members of a JWK that only its owner may know (RFC 7518 6.2.2, 6.3.2, 6.4.1). */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/**
 * The keys of a JWK Set (RFC 7517) that verify signatures; undefined when the set is not one to trust: more than a hundred
 * keys, a private or shared one, or two of one id.
 */
export function keySetOf(json: unknown): JSONWebKeySet | undefined {
  if (!isRecord(json) || !Array.isArray(json['keys']) || json['keys'].length > KEYS_MAX) return undefined;
  const keys: unknown[] = json['keys'];
  if (!keys.every(isPublicKey)) return undefined;
  const ids = keys.flatMap(({ kid }) => (kid === undefined ? [] : [kid]));
  if (new Set(ids).size !== ids.length) return undefined;
  return { keys: keys.filter(({ use }) => use === undefined || use === 'sig') };
}

/** Whether the set has a key of that id. */
export function hasKey(set: JSONWebKeySet, id: string): boolean {
  return set.keys.some(({ kid }) => kid === id);
}

function isPublicKey(key: unknown): key is JWK {
  return (
    isRecord(key) &&
    typeof key['kty'] === 'string' &&
    key['kty'] !== 'oct' &&
    PRIVATE_MEMBERS.every((member) => !Object.hasOwn(key, member)) &&
    (key['kid'] === undefined || (typeof key['kid'] === 'string' && key['kid'].length <= KEY_ID_CHARACTERS_MAX))
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
