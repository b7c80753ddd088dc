import { assert } from '../../../../kernel/assert.js';
import type { BrokerError } from '../../../../kernel/errors.js';
import {
  CLIENT_CONNECT_ATTRS,
  CLIENT_CONNECT_WITH_DB,
  CLIENT_LONG_PASSWORD,
  CLIENT_PLUGIN_AUTH,
  CLIENT_PLUGIN_AUTH_LENENC_CLIENT_DATA,
  CLIENT_PROTOCOL_41,
  CLIENT_SECURE_CONNECTION,
  CLIENT_SSL,
  CLIENT_ZSTD_COMPRESSION_ALGORITHM,
  hasCapability,
  mariadbCapabilitiesOf,
  withMariadbCapabilities,
} from './capabilities.js';
import { PayloadReader, PayloadWriter } from '../lenenc.js';
import { wireError } from '../wire-error.js';

/**
 * The packets of a connection until its login is accepted or refused: the server's greeting, the client's request for
 * TLS, its login, and what the server asks in between.
 *
 * https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase.html
 * https://mariadb.com/docs/server/reference/clientserver-protocol/1-connecting/connection
 */

export const SERVER_VERSION_BYTES_MAX = 255;
export const USER_BYTES_MAX = 255;
export const DATABASE_BYTES_MAX = 255;
export const PLUGIN_NAME_BYTES_MAX = 64;
/** The longest answer of a known plugin is an RSA block of 512 bytes. */
export const AUTH_RESPONSE_BYTES_MAX = 1024;
export const ATTRIBUTES_BYTES_MAX = 64 * 1024;
export const ATTRIBUTES_COUNT_MAX = 128;

/** Both plugins that the broker speaks use a scramble of this length. */
export const SCRAMBLE_BYTES = 20;

export const AUTH_SWITCH_REQUEST_HEADER = 0xfe;
export const AUTH_MORE_DATA_HEADER = 0x01;

const PROTOCOL_VERSION = 10;
const SCRAMBLE_HEAD_BYTES = 8;
const SSL_REQUEST_BYTES = 32;
const RESERVED_BYTES = 6;
const LOGIN_RESERVED_BYTES = 19;

/** The server's first packet. */
export interface Greeting {
  readonly serverVersion: string;
  /** The connection's id on the server, as CONNECTION_ID() gives it, cut to 32 bits. */
  readonly threadId: number;
  /** The scramble: 20 bytes, without the NUL that ends them on the wire. */
  readonly authPluginData: Buffer;
  readonly capabilities: number;
  /** The lower byte of the server's default collation id. */
  readonly collationId: number;
  readonly statusFlags: number;
  /** Empty when the server does not know plugins. */
  readonly authPlugin: string;
  /** Zero unless the server is a MariaDB that left bit 0 of the capabilities clear. */
  readonly mariadbCapabilities: number;
}

/** The client's request to go on with TLS; everything else follows inside TLS. */
export interface SslRequest {
  readonly capabilities: number;
  readonly packetBytesMax: number;
  readonly collationId: number;
}

/** The client's login. */
export interface HandshakeResponse {
  readonly capabilities: number;
  readonly packetBytesMax: number;
  readonly collationId: number;
  readonly user: string;
  readonly authResponse: Buffer;
  readonly database?: string;
  readonly authPlugin?: string;
  readonly attributes: ReadonlyMap<string, string>;
}

/** Reads a target's greeting. Look for an ERR packet first: a server that is full sends one in its place. */
export function decodeGreeting(payload: Buffer): Greeting {
  const reader = new PayloadReader(payload, 'target_protocol_violation');
  if (reader.uint8() !== PROTOCOL_VERSION) {
    throw wireError('target_protocol_violation', 'The greeting is not of protocol version 10.');
  }
  const serverVersion = reader.nulTerminatedText(SERVER_VERSION_BYTES_MAX, 'server version');
  const threadId = reader.uint32();
  const scrambleHead = reader.bytes(SCRAMBLE_HEAD_BYTES);
  reader.skip(1);
  const lowerCapabilities = reader.uint16();
  const collationId = reader.uint8();
  const statusFlags = reader.uint16();
  const capabilities = (lowerCapabilities | (reader.uint16() << 16)) >>> 0;
  if (!hasCapability(capabilities, CLIENT_PROTOCOL_41 | CLIENT_SECURE_CONNECTION)) {
    throw wireError('target_protocol_violation', 'The server is older than MySQL 4.1.');
  }
  const scrambleBytes = reader.uint8();
  reader.skip(RESERVED_BYTES);
  const extended = reader.uint32();
  // The second part is never shorter than 13 bytes, whatever the announced length: 12 of scramble and a NUL.
  const scrambleTail = reader.bytes(Math.max(13, scrambleBytes - SCRAMBLE_HEAD_BYTES));
  const withPlugin = hasCapability(capabilities, CLIENT_PLUGIN_AUTH);
  return {
    serverVersion,
    threadId,
    authPluginData: Buffer.concat([scrambleHead, scrambleTail.subarray(0, SCRAMBLE_BYTES - SCRAMBLE_HEAD_BYTES)]),
    capabilities,
    collationId,
    statusFlags,
    authPlugin: withPlugin ? reader.nulTerminatedText(PLUGIN_NAME_BYTES_MAX, 'plugin name') : '',
    mariadbCapabilities: hasCapability(capabilities, CLIENT_LONG_PASSWORD) ? 0 : extended,
  };
}

/** Writes the endpoint's greeting. */
export function encodeGreeting(greeting: Greeting): Buffer {
  assert(greeting.authPluginData.length === SCRAMBLE_BYTES, 'a scramble has 20 bytes');
  const writer = new PayloadWriter()
    .uint8(PROTOCOL_VERSION)
    .nulTerminatedText(greeting.serverVersion)
    .uint32(greeting.threadId)
    .bytes(greeting.authPluginData.subarray(0, SCRAMBLE_HEAD_BYTES))
    .uint8(0)
    .uint16(greeting.capabilities & 0xffff)
    .uint8(greeting.collationId)
    .uint16(greeting.statusFlags)
    .uint16(greeting.capabilities >>> 16)
    .uint8(hasCapability(greeting.capabilities, CLIENT_PLUGIN_AUTH) ? SCRAMBLE_BYTES + 1 : 0)
    .zeros(RESERVED_BYTES)
    .uint32(greeting.mariadbCapabilities)
    .bytes(greeting.authPluginData.subarray(SCRAMBLE_HEAD_BYTES))
    .uint8(0);
  if (hasCapability(greeting.capabilities, CLIENT_PLUGIN_AUTH)) writer.nulTerminatedText(greeting.authPlugin);
  return writer.finish();
}

/**
 * Says whether a client's first payload asks for TLS: it is then exactly the head of a login. One that says CLIENT_SSL
 * and goes on in the clear is a login that decodes as such; whether that is refused is the owner's to say.
 */
export function isSslRequest(payload: Buffer): boolean {
  return (
    payload.length === SSL_REQUEST_BYTES && hasCapability(payload.readUInt32LE(0), CLIENT_SSL | CLIENT_PROTOCOL_41)
  );
}

export function encodeSslRequest(request: SslRequest): Buffer {
  assert(hasCapability(request.capabilities, CLIENT_SSL), 'a request for TLS says CLIENT_SSL');
  return writeLoginHead(new PayloadWriter(), request).finish();
}

/**
 * Reads a client's login. The layout follows the flags that the client set; the result has only those of them that
 * were offered, MariaDB's extended ones among them. The compression level is read over, since it is not offered.
 * Bytes after the last known field are ignored as servers do: nothing of a login is forwarded.
 */
export function decodeHandshakeResponse(payload: Buffer, offeredCapabilities: number): HandshakeResponse {
  const reader = new PayloadReader(payload, 'handshake_invalid');
  // In logins before 4.1 these 16 bits are all there is, so they are looked at before more is read.
  if (payload.length < 2 || !hasCapability(payload.readUInt16LE(0), CLIENT_PROTOCOL_41)) {
    throw invalid('The login is of a protocol older than MySQL 4.1.');
  }
  const capabilities = reader.uint32();
  const packetBytesMax = reader.uint32();
  const collationId = reader.uint8();
  reader.skip(LOGIN_RESERVED_BYTES);
  const extended = reader.uint32();
  const user = reader.nulTerminatedText(USER_BYTES_MAX, 'user name');
  const authResponse = readAuthResponse(reader, capabilities);
  const database = hasCapability(capabilities, CLIENT_CONNECT_WITH_DB)
    ? reader.nulTerminatedText(DATABASE_BYTES_MAX, 'database name')
    : '';
  const authPlugin = hasCapability(capabilities, CLIENT_PLUGIN_AUTH)
    ? reader.nulTerminatedText(PLUGIN_NAME_BYTES_MAX, 'plugin name')
    : '';
  const attributes = hasCapability(capabilities, CLIENT_CONNECT_ATTRS)
    ? readAttributes(reader)
    : new Map<string, string>();
  return {
    capabilities: agreedOf(capabilities, extended, offeredCapabilities),
    packetBytesMax,
    collationId,
    user,
    authResponse,
    // Drivers that always set the flag send an empty name for "none".
    ...(database === '' ? {} : { database }),
    ...(authPlugin === '' ? {} : { authPlugin }),
    attributes,
  };
}

function agreedOf(capabilities: number, extended: number, offered: number): number {
  const isMariadb = !hasCapability(capabilities, CLIENT_LONG_PASSWORD);
  const agreed = isMariadb ? (extended & mariadbCapabilitiesOf(offered)) >>> 0 : 0;
  return withMariadbCapabilities((capabilities & offered) >>> 0, agreed);
}

/** Writes the broker's login at a target. The flags for database, plugin and attributes have to fit what is there. */
export function encodeHandshakeResponse(response: HandshakeResponse): Buffer {
  const { capabilities, database, authPlugin } = response;
  assert(hasCapability(capabilities, CLIENT_CONNECT_WITH_DB) === (database !== undefined), 'flag and database agree');
  assert(hasCapability(capabilities, CLIENT_PLUGIN_AUTH) === (authPlugin !== undefined), 'flag and plugin agree');
  assert(!hasCapability(capabilities, CLIENT_ZSTD_COMPRESSION_ALGORITHM), 'compression is never asked for');
  const writer = writeLoginHead(new PayloadWriter(), response).nulTerminatedText(response.user);
  writeAuthResponse(writer, capabilities, response.authResponse);
  if (database !== undefined) writer.nulTerminatedText(database);
  if (authPlugin !== undefined) writer.nulTerminatedText(authPlugin);
  if (hasCapability(capabilities, CLIENT_CONNECT_ATTRS)) {
    const pairs = new PayloadWriter();
    for (const [name, value] of response.attributes) pairs.lenencText(name).lenencText(value);
    writer.lenencBytes(pairs.finish());
  }
  return writer.finish();
}

/** Asks the client to log in with another plugin and a new scramble. */
export interface AuthSwitchRequest {
  readonly authPlugin: string;
  /** 20 bytes for the plugins that the broker speaks, without the NUL that ends them on the wire. */
  readonly authPluginData: Buffer;
}

export function decodeAuthSwitchRequest(payload: Buffer): AuthSwitchRequest {
  const reader = new PayloadReader(payload, 'target_protocol_violation');
  if (reader.uint8() !== AUTH_SWITCH_REQUEST_HEADER) {
    throw wireError('target_protocol_violation', 'The packet is not a request to switch the plugin.');
  }
  // Without a name it asks for the password hash from before MySQL 4.1, which is no protection at all.
  if (reader.remaining === 0) {
    throw wireError('target_protocol_violation', 'The server asks for the old password hash.');
  }
  const authPlugin = reader.nulTerminatedText(PLUGIN_NAME_BYTES_MAX, 'plugin name');
  const scramble = reader.rest();
  const endsWithNul = scramble.length === SCRAMBLE_BYTES + 1 && scramble[SCRAMBLE_BYTES] === 0;
  return { authPlugin, authPluginData: endsWithNul ? scramble.subarray(0, SCRAMBLE_BYTES) : scramble };
}

export function encodeAuthSwitchRequest(request: AuthSwitchRequest): Buffer {
  return new PayloadWriter()
    .uint8(AUTH_SWITCH_REQUEST_HEADER)
    .nulTerminatedText(request.authPlugin)
    .bytes(request.authPluginData)
    .uint8(0)
    .finish();
}

/** Gives what the plugin says inside; for `caching_sha2_password` one byte of state or the server's public key. */
export function decodeAuthMoreData(payload: Buffer): Buffer {
  const reader = new PayloadReader(payload, 'target_protocol_violation');
  if (reader.uint8() !== AUTH_MORE_DATA_HEADER) {
    throw wireError('target_protocol_violation', 'The packet has no data of the authentication plugin.');
  }
  return reader.rest();
}

export function encodeAuthMoreData(content: Buffer): Buffer {
  return new PayloadWriter().uint8(AUTH_MORE_DATA_HEADER).bytes(content).finish();
}

function writeLoginHead(writer: PayloadWriter, request: SslRequest): PayloadWriter {
  const { capabilities } = request;
  const extended = mariadbCapabilitiesOf(capabilities);
  assert(extended === 0 || !hasCapability(capabilities, CLIENT_LONG_PASSWORD), 'bit 0 makes room for extended ones');
  return writer
    .uint32(capabilities >>> 0)
    .uint32(request.packetBytesMax)
    .uint8(request.collationId)
    .zeros(LOGIN_RESERVED_BYTES)
    .uint32(extended);
}

function readAuthResponse(reader: PayloadReader, capabilities: number): Buffer {
  if (hasCapability(capabilities, CLIENT_PLUGIN_AUTH_LENENC_CLIENT_DATA)) {
    const authResponse = reader.lenencBytes();
    if (authResponse.length > AUTH_RESPONSE_BYTES_MAX) throw invalid('The answer of the plugin is too long.');
    return authResponse;
  }
  if (hasCapability(capabilities, CLIENT_SECURE_CONNECTION)) return reader.bytes(reader.uint8());
  return reader.nulTerminatedBytes(AUTH_RESPONSE_BYTES_MAX, 'answer of the plugin');
}

function writeAuthResponse(writer: PayloadWriter, capabilities: number, authResponse: Buffer): void {
  if (hasCapability(capabilities, CLIENT_PLUGIN_AUTH_LENENC_CLIENT_DATA)) {
    writer.lenencBytes(authResponse);
  } else if (hasCapability(capabilities, CLIENT_SECURE_CONNECTION)) {
    writer.uint8(authResponse.length).bytes(authResponse);
  } else {
    assert(!authResponse.includes(0), 'an answer that ends with NUL has none inside');
    writer.bytes(authResponse).uint8(0);
  }
}

/** A name that comes twice keeps its last value. */
function readAttributes(reader: PayloadReader): ReadonlyMap<string, string> {
  const length = reader.lenencLength();
  if (length > ATTRIBUTES_BYTES_MAX) throw invalid('The connection attributes are too long.');
  const pairs = new PayloadReader(reader.bytes(length), 'handshake_invalid');
  const attributes = new Map<string, string>();
  for (let count = 0; pairs.remaining > 0; count += 1) {
    if (count === ATTRIBUTES_COUNT_MAX) throw invalid('There are too many connection attributes.');
    const name = pairs.lenencText();
    // Recordings carry attributes as a JSON object, and what reads those drops a field of that name.
    if (name === '__proto__') throw invalid('A connection attribute has a name that cannot be recorded.');
    attributes.set(name, pairs.lenencText());
  }
  return attributes;
}

function invalid(detail: string): BrokerError {
  return wireError('handshake_invalid', detail);
}
