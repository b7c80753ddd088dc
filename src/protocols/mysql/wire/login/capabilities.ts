/**
 * What client and server agree on at the start of a connection. The broker offers only what it decodes in full:
 * a flag that it would let through unread is a way to say something to the target that nobody judged or recorded.
 *
 * https://dev.mysql.com/doc/dev/mysql-server/latest/group__group__cs__capabilities__flags.html
 * https://mariadb.com/docs/server/reference/clientserver-protocol/1-connecting/connection#capabilities
 */

// One 32-bit word. Bit operators give signed results, so bit 31 and every combination go through `>>> 0`.
export const CLIENT_LONG_PASSWORD = 1;
export const CLIENT_FOUND_ROWS = 1 << 1;
export const CLIENT_LONG_FLAG = 1 << 2;
export const CLIENT_CONNECT_WITH_DB = 1 << 3;
export const CLIENT_NO_SCHEMA = 1 << 4;
export const CLIENT_COMPRESS = 1 << 5;
export const CLIENT_ODBC = 1 << 6;
export const CLIENT_LOCAL_FILES = 1 << 7;
export const CLIENT_IGNORE_SPACE = 1 << 8;
export const CLIENT_PROTOCOL_41 = 1 << 9;
export const CLIENT_INTERACTIVE = 1 << 10;
export const CLIENT_SSL = 1 << 11;
export const CLIENT_IGNORE_SIGPIPE = 1 << 12;
export const CLIENT_TRANSACTIONS = 1 << 13;
export const CLIENT_RESERVED = 1 << 14;
/** Also called CLIENT_RESERVED2: the 20-byte scramble of MySQL 4.1 and later. */
export const CLIENT_SECURE_CONNECTION = 1 << 15;
export const CLIENT_MULTI_STATEMENTS = 1 << 16;
export const CLIENT_MULTI_RESULTS = 1 << 17;
export const CLIENT_PS_MULTI_RESULTS = 1 << 18;
export const CLIENT_PLUGIN_AUTH = 1 << 19;
export const CLIENT_CONNECT_ATTRS = 1 << 20;
export const CLIENT_PLUGIN_AUTH_LENENC_CLIENT_DATA = 1 << 21;
export const CLIENT_CAN_HANDLE_EXPIRED_PASSWORDS = 1 << 22;
export const CLIENT_SESSION_TRACK = 1 << 23;
export const CLIENT_DEPRECATE_EOF = 1 << 24;
export const CLIENT_OPTIONAL_RESULTSET_METADATA = 1 << 25;
export const CLIENT_ZSTD_COMPRESSION_ALGORITHM = 1 << 26;
export const CLIENT_QUERY_ATTRIBUTES = 1 << 27;
export const MULTI_FACTOR_AUTHENTICATION = 1 << 28;
export const CLIENT_CAPABILITY_EXTENSION = 1 << 29;
export const CLIENT_SSL_VERIFY_SERVER_CERT = 1 << 30;
export const CLIENT_REMEMBER_OPTIONS = (1 << 31) >>> 0;

// MariaDB's extended capabilities: the upper half of what its documents write as one 64-bit word.
export const MARIADB_CLIENT_PROGRESS = 1;
export const MARIADB_CLIENT_COM_MULTI = 1 << 1;
export const MARIADB_CLIENT_STMT_BULK_OPERATIONS = 1 << 2;
export const MARIADB_CLIENT_EXTENDED_METADATA = 1 << 3;
export const MARIADB_CLIENT_CACHE_METADATA = 1 << 4;
export const MARIADB_CLIENT_BULK_UNIT_RESULTS = 1 << 5;

/**
 * What the broker itself speaks on the client leg, whatever the target can do: it ends TLS there and checks the login.
 * An endpoint without TLS takes CLIENT_SSL away.
 */
const SPOKEN_BY_THE_BROKER =
  (CLIENT_LONG_PASSWORD |
    CLIENT_CONNECT_WITH_DB |
    CLIENT_PROTOCOL_41 |
    CLIENT_SSL |
    CLIENT_SECURE_CONNECTION |
    CLIENT_PLUGIN_AUTH |
    CLIENT_CONNECT_ATTRS |
    CLIENT_PLUGIN_AUTH_LENENC_CLIENT_DATA) >>>
  0;

/** What goes through to the target, and so is offered only when the target has it. */
const SPOKEN_BY_THE_TARGET =
  (CLIENT_FOUND_ROWS | // affected rows count matched ones: drivers of ORMs ask for it
    CLIENT_LONG_FLAG |
    CLIENT_NO_SCHEMA | // forbids `database.table.column`: takes away, gives nothing
    CLIENT_INTERACTIVE | // another idle time-out
    CLIENT_TRANSACTIONS |
    CLIENT_MULTI_RESULTS | // several results of one CALL
    CLIENT_PS_MULTI_RESULTS |
    CLIENT_SESSION_TRACK |
    CLIENT_DEPRECATE_EOF) >>>
  0;

/**
 * All that the broker ever offers. Not in it, and why:
 *
 * - MULTI_STATEMENTS: one text is one statement; the target itself then refuses a second one.
 * - LOCAL_FILES: a server could ask the client for any of its files.
 * - COMPRESS, ZSTD_COMPRESSION_ALGORITHM: another framing around the packets, which would hide them.
 * - QUERY_ATTRIBUTES: puts parameters in front of a statement's text, so the text would be read from the wrong offset.
 * - OPTIONAL_RESULTSET_METADATA: puts a byte into result heads and lets columns stay unnamed.
 * - IGNORE_SPACE, ODBC: change how a text is parsed (`count (*)`) or what a comparison with NULL means.
 * - CAN_HANDLE_EXPIRED_PASSWORDS: a sandbox session that only sets passwords; a task account's never expires.
 * - MULTI_FACTOR_AUTHENTICATION: further rounds of authentication that the broker does not carry out.
 * - CAPABILITY_EXTENSION: a further word of flags that nobody has defined yet.
 * - SSL_VERIFY_SERVER_CERT, REMEMBER_OPTIONS, IGNORE_SIGPIPE: the client library's own notes, nothing on the wire.
 * - RESERVED: the authentication before MySQL 4.1.
 * - MariaDB's PROGRESS: reports are packets of a kind of their own; COM_MULTI: no server has it any more;
 *   CACHE_METADATA: leaves column definitions out.
 */
export const OFFERED_CAPABILITIES_MASK = (SPOKEN_BY_THE_BROKER | SPOKEN_BY_THE_TARGET) >>> 0;

/**
 * MariaDB's extended capabilities that the broker offers, where the target has them. With EXTENDED_METADATA column
 * definitions say what a type is beyond its wire type, and drivers give JSON as what it is. With STMT_BULK_OPERATIONS a
 * prepared statement is executed with many rows of values at once, and with BULK_UNIT_RESULTS (11.5) the answer to that
 * may be a result set with a row for each of them.
 */
export const OFFERED_MARIADB_CAPABILITIES =
  MARIADB_CLIENT_STMT_BULK_OPERATIONS | MARIADB_CLIENT_EXTENDED_METADATA | MARIADB_CLIENT_BULK_UNIT_RESULTS;

const WORD = 2 ** 32;

/** All capabilities as one number, as MariaDB's documents write them: the extended ones above the first 32 bits. */
export function withMariadbCapabilities(capabilities: number, extended: number): number {
  return capabilities + extended * WORD;
}

/** The extended ones of such a number. Bit operators and {@link hasCapability} see the first 32 bits alone. */
export function mariadbCapabilitiesOf(capabilities: number): number {
  return Math.floor(capabilities / WORD);
}

/**
 * What the endpoint's greeting offers, for a target that offers `targetCapabilities`.
 *
 * MySQL calls bit 0 LONG_PASSWORD and sets it; MariaDB calls it CLIENT_MYSQL and leaves it clear to say that four bytes
 * which MySQL fills with zeros hold its extended capabilities. It is clear here where there are any of those to offer.
 */
export function filterCapabilities(targetCapabilities: number): number {
  const offered = ((targetCapabilities & SPOKEN_BY_THE_TARGET) | SPOKEN_BY_THE_BROKER) >>> 0;
  const extended = (mariadbCapabilitiesOf(targetCapabilities) & OFFERED_MARIADB_CAPABILITIES) >>> 0;
  return extended === 0 ? offered : withMariadbCapabilities((offered & ~CLIENT_LONG_PASSWORD) >>> 0, extended);
}

/** True when all bits of `flags` are set. */
export function hasCapability(capabilities: number, flags: number): boolean {
  return (capabilities & flags) >>> 0 === flags >>> 0;
}
