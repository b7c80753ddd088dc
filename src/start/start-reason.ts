import { codeOf } from '../persistence/state/at-state.js';

/** What codes of the system, of TLS and of database servers mean to the one who configures a connection. */
const BY_CODE: Readonly<Record<string, string>> = {
  ENOTFOUND: 'The host name is not known.',
  EAI_AGAIN: 'The host name cannot be looked up now.',
  ECONNREFUSED: 'Nothing listens there.',
  ECONNRESET: 'It cut the connection off. Perhaps that port speaks TLS or another protocol.',
  EHOSTUNREACH: 'This machine has no route to that host.',
  ENETUNREACH: "This machine's network has no route to that address.",
  ETIMEDOUT: 'It did not answer in time.',
  PROTOCOL_CONNECTION_LOST: 'It closed the connection at once.',
  PROTOCOL_SEQUENCE_TIMEOUT: 'It did not answer in time.',
  HANDSHAKE_NO_SSL_SUPPORT: 'It offers no TLS.',
  HANDSHAKE_SSL_ERROR: 'The TLS handshake failed.',
  ER_ACCESS_DENIED_ERROR: 'It refuses this user or password.',
  ER_DBACCESS_DENIED_ERROR: 'The user may not use that database, or the database does not exist.',
  ER_BAD_DB_ERROR: 'It has no database with that name.',
  ER_HOST_NOT_PRIVILEGED: 'It takes no connections from this host.',
  ER_CON_COUNT_ERROR: 'It has too many connections.',
  ER_NOT_SUPPORTED_AUTH_MODE: 'The account logs in with a plugin that is not supported.',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'Its certificate is not from an authority that this machine trusts.',
  SELF_SIGNED_CERT_IN_CHAIN: 'Its certificate is not from an authority that this machine trusts.',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'Its certificate is not from an authority that this machine trusts.',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'Its certificate is not from an authority that this machine trusts.',
  CERT_HAS_EXPIRED: 'Its certificate has expired.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'Its certificate is for another name.',
  ERR_SSL_WRONG_VERSION_NUMBER: 'It does not speak TLS on that port.',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'It does not speak TLS on that port.',
  HANDSHAKE_UNKNOWN_ERROR: 'It is not a database server that the broker can use.',
  // Redis has words in place of codes; they come first in its answers.
  NOAUTH: 'It asks for a password, and the URL has none: redis://:PASSWORD@HOST.',
  WRONGPASS: 'It refuses this user or password.',
  NOPERM: 'The user may not do what the broker needs.',
  LOADING: 'It is still loading its data.',
  MASTERDOWN: 'It is a replica without its primary.',
  DENIED: 'It runs in protected mode and takes no connections from other machines.',
};

/** Of what Redis and its client say without a code. */
const BY_WORDS: readonly (readonly [RegExp, string])[] = [
  [/invalid password|AUTH .*(failed|without any password)/i, 'It refuses this user or password.'],
  [/DB index is out of range/i, 'It has no database with that number.'],
  [/protocol error/i, 'What answers there is not Redis.'],
  [/connect(ion)? timeout|ETIMEDOUT/i, 'It did not answer in time.'],
  [/connection is closed/i, 'It closed the connection.'],
];

/** Why a connection cannot be had: the code, as logs and searches know it, and what it means. No library's own text. */
export function reasonOf(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : '';
  const code = codeOf(cause) ?? /^-?([A-Z]{4,})\b/.exec(message)?.[1];
  if (code !== undefined) return `${code}.${BY_CODE[code] === undefined ? '' : ` ${BY_CODE[code]}`}`;
  return BY_WORDS.find(([words]) => words.test(message))?.[1] ?? 'Its answer is not what the broker expects.';
}
