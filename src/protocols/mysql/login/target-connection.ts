import { connect, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { TargetEndpoint } from '../../../domain/target.js';
import type { TargetTestStep } from '../../../domain/target-test.js';
import { shownLine } from '../../../domain/visible-text.js';
import { BrokerError } from '../../../kernel/errors.js';
import type { ErrorCode } from '../../../kernel/errors/error-table.js';
import {
  CLIENT_CONNECT_ATTRS,
  CLIENT_CONNECT_WITH_DB,
  CLIENT_LONG_PASSWORD,
  CLIENT_PLUGIN_AUTH,
  CLIENT_PLUGIN_AUTH_LENENC_CLIENT_DATA,
  CLIENT_PROTOCOL_41,
  CLIENT_SECURE_CONNECTION,
  CLIENT_SESSION_TRACK,
  CLIENT_SSL,
  hasCapability,
  mariadbCapabilitiesOf,
  withMariadbCapabilities,
} from '../wire/login/capabilities.js';
import { decodeGreeting, encodeHandshakeResponse, encodeSslRequest, type Greeting } from '../wire/login/handshake.js';
import { decodeErr, decodeOk, isErrPacket, type ErrPacket } from '../wire/packets.js';
import { HandshakeChannel } from './handshake-channel.js';
import { reachFault, type Reached } from './reach-fault.js';
import { TargetAuthentication } from './target-authentication.js';

/** How to log in to a target, and what the session over this connection will speak. */
export interface TargetSessionLogin {
  readonly username: string;
  readonly password: string;
  readonly database: string | null;
  /** The flags that the session's client chose; those about the login itself are added here. */
  readonly capabilities: number;
  readonly collation: number;
  readonly attributes: ReadonlyMap<string, string>;
}

/** A logged-in connection to a target, before the first command; the caller owns its socket from now on. */
export interface TargetConnection {
  readonly socket: Socket;
  readonly greeting: Greeting;
  readonly tls: { readonly version: string; readonly cipher: string } | null;
  /** Flags in force on this connection. */
  readonly capabilities: number;
  /** The OK packet that ended the login. */
  readonly okPayload: Buffer;
}

/** The target answered the login with ERR. Its message may name accounts, so who may see it is the caller's choice. */
export class TargetLoginRefused extends BrokerError {
  /** `step`: what was under way; a server may refuse a connection before anybody logs in. */
  constructor(
    readonly packet: ErrPacket,
    step: TargetTestStep = 'login',
  ) {
    super('target_login_refused', {
      detail: `The target says ${packet.errno} (${packet.sqlState}).`,
      fields: { step },
    });
  }

  /** For operators: what the target said in its own sentence, which names the user and the host that it saw. */
  get forOperators(): BrokerError {
    const { errno, sqlState, message } = this.packet;
    const said = shownLine(message).slice(0, SAID_CHARACTERS_MAX);
    const detail = `The target says: ${said} (${errno}, ${sqlState}).`;
    return new BrokerError(this.code, { detail, cause: this, fields: this.fields });
  }
}

/** Flags about the login itself: the two legs log in each in its own way. */
const OF_THE_LOGIN =
  CLIENT_SSL |
  CLIENT_CONNECT_WITH_DB |
  CLIENT_CONNECT_ATTRS |
  CLIENT_PLUGIN_AUTH_LENENC_CLIENT_DATA |
  CLIENT_PLUGIN_AUTH;
const WITH_ATTRIBUTES = CLIENT_CONNECT_ATTRS | CLIENT_PLUGIN_AUTH_LENENC_CLIENT_DATA;

const HANDSHAKE_PAYLOAD_BYTES_MAX = 1 << 20;
/** A server's own sentence is shorter; what pretends to be one may say anything. */
const SAID_CHARACTERS_MAX = 500;
/** What the broker says it takes; servers use it as a hint only. */
const PACKET_BYTES_MAX = 1 << 30;

/**
 * Dials a target, with TLS as its registration says, and logs in.
 * @throws BrokerError `target_unreachable`, `target_tls_unavailable`, `target_tls_untrusted`, `target_unsupported`,
 *   `target_protocol_violation`; TargetLoginRefused
 */
export async function connectTarget(
  endpoint: TargetEndpoint,
  login: TargetSessionLogin,
  timeoutMs: number,
): Promise<TargetConnection> {
  const socket = connect({ host: endpoint.host, port: endpoint.port, noDelay: true, keepAlive: true });
  let reached: Reached = 'nothing';
  socket.once('connect', () => (reached = 'connected'));
  const channel = new HandshakeChannel(socket, {
    payloadBytesMax: HANDSHAKE_PAYLOAD_BYTES_MAX,
    timeoutMs,
    codes: { timeout: 'target_unreachable', closed: 'target_unreachable' },
  });
  try {
    return await logIn(channel, endpoint, login, () => (reached = 'greeted'));
  } catch (error) {
    channel.abandon();
    channel.socket.on('error', () => {}); // it is given up; what it says further does not matter
    channel.socket.destroy();
    throw reachFault(asTargetFault(error), reached);
  }
}

async function logIn(
  channel: HandshakeChannel,
  endpoint: TargetEndpoint,
  login: TargetSessionLogin,
  onGreeted: () => void,
): Promise<TargetConnection> {
  const first = await channel.read();
  if (isErrPacket(first)) throw new TargetLoginRefused(decodeErr(first), 'connect');
  const greeting = decodeGreeting(first);
  onGreeted();
  const capabilities = requestedCapabilities(greeting, login, endpoint);
  let tls: TargetConnection['tls'] = null;
  if (endpoint.tls.mode !== 'off') tls = await startTls(channel, endpoint, greeting, capabilities, login.collation);
  const authentication = new TargetAuthentication(channel, login.password, tls !== null);
  const { authPlugin, authResponse } = authentication.begin(greeting);
  channel.write(
    encodeHandshakeResponse({
      capabilities,
      collationId: login.collation,
      packetBytesMax: PACKET_BYTES_MAX,
      user: login.username,
      authResponse,
      ...(login.database === null ? {} : { database: login.database }),
      authPlugin,
      attributes: login.attributes,
    }),
  );
  const ended = await authentication.end();
  if (isErrPacket(ended)) throw new TargetLoginRefused(decodeErr(ended));
  decodeOk(ended, hasCapability(capabilities, CLIENT_SESSION_TRACK)); // it is passed on to the client
  return { socket: channel.release(), greeting, tls, capabilities, okPayload: ended };
}

function requestedCapabilities(greeting: Greeting, login: TargetSessionLogin, endpoint: TargetEndpoint): number {
  const needed = CLIENT_PROTOCOL_41 | CLIENT_SECURE_CONNECTION | CLIENT_PLUGIN_AUTH;
  if (!hasCapability(greeting.capabilities, needed)) {
    throw new BrokerError('target_unsupported', {
      detail: 'The target speaks a protocol older than 4.1.',
      fields: { step: 'connect' satisfies TargetTestStep },
    });
  }
  const session = login.capabilities & ~OF_THE_LOGIN;
  const extended = mariadbCapabilitiesOf(login.capabilities);
  const isOffered = hasCapability(greeting.capabilities, session & ~CLIENT_LONG_PASSWORD);
  if (!isOffered || !hasCapability(greeting.mariadbCapabilities, extended)) {
    throw new BrokerError('target_unsupported', {
      detail:
        'The target offers less than when the broker last inspected it. An operator can have it inspected again with PATCH.',
    });
  }
  const optional = greeting.capabilities & (login.attributes.size > 0 ? WITH_ATTRIBUTES : 0);
  const capabilities =
    (session |
      needed |
      optional |
      (login.database === null ? 0 : CLIENT_CONNECT_WITH_DB) |
      (endpoint.tls.mode === 'off' ? 0 : CLIENT_SSL)) >>>
    0;
  return withMariadbCapabilities(capabilities, extended);
}

async function startTls(
  channel: HandshakeChannel,
  endpoint: TargetEndpoint,
  greeting: Greeting,
  capabilities: number,
  collation: number,
): Promise<{ version: string; cipher: string }> {
  if (!hasCapability(greeting.capabilities, CLIENT_SSL)) throw new BrokerError('target_tls_unavailable');
  channel.write(encodeSslRequest({ capabilities, collationId: collation, packetBytesMax: PACKET_BYTES_MAX }));
  const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>();
  channel.upgrade((bare) => {
    const { tls } = endpoint;
    const name = tls.serverName ?? endpoint.host;
    const secure = connectTls({
      socket: bare,
      ...(isIpAddress(name) ? { host: name } : { servername: name, host: name }),
      ...(tls.ca === undefined ? {} : { ca: tls.ca }),
      rejectUnauthorized: tls.mode !== 'unverified',
      ...(tls.mode === 'verify-identity' ? {} : { checkServerIdentity: () => undefined }),
      minVersion: 'TLSv1.2',
    });
    secure.once('secureConnect', () => resolve(secure));
    secure.once('error', (error) =>
      reject(new BrokerError('target_tls_untrusted', { detail: `${error.message}.`, cause: error })),
    );
    secure.once('close', () =>
      reject(new BrokerError('target_tls_untrusted', { detail: 'The TLS handshake was cut off.' })),
    );
    return secure;
  });
  const secure = await channel.until(promise);
  return { version: secure.getProtocol() ?? 'unknown', cipher: secure.getCipher().name };
}

function isIpAddress(name: string): boolean {
  return /^[\d.]+$/.test(name) || name.includes(':');
}

/** Bytes that a target sends and the codecs refuse are the target's fault, whatever the codec called them. */
function asTargetFault(error: unknown): BrokerError {
  if (!(error instanceof BrokerError)) return new BrokerError('target_unreachable', { cause: error });
  const clientCodes: readonly ErrorCode[] = [
    'packet_malformed',
    'handshake_invalid',
    'packets_out_of_order',
    'payload_too_large',
  ];
  if (!clientCodes.includes(error.code)) return error;
  return new BrokerError('target_protocol_violation', {
    ...(error.detail === undefined ? {} : { detail: error.detail }),
    cause: error,
  });
}
