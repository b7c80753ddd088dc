import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { isAscii, isUtf8CharacterSet } from '../charset/character-sets.js';
import type { MysqlReport } from '../report.js';
import { BrokerError } from '../../../kernel/errors.js';
import {
  CACHING_SHA2_FAST_AUTH_OK,
  CACHING_SHA2_PASSWORD,
  MYSQL_NATIVE_PASSWORD,
  newScramble,
  verifyCachingSha2Password,
  verifyNativePassword,
  type CredentialVerifier,
} from '../wire/login/auth.js';
import { filterCapabilities, mariadbCapabilitiesOf } from '../wire/login/capabilities.js';
import { announcedCollationId, characterSetOf, isCharacterSetAllowed } from '../wire/values/charsets.js';
import {
  decodeHandshakeResponse,
  encodeAuthMoreData,
  encodeAuthSwitchRequest,
  encodeGreeting,
  isSslRequest,
  type HandshakeResponse,
} from '../wire/login/handshake.js';
import { SERVER_STATUS_AUTOCOMMIT } from '../wire/packets.js';
import type { EndpointTls } from '../../../gateway/certificate-authority.js';
import type { HandshakeChannel } from './handshake-channel.js';

/** What an endpoint shows and asks of a client. */
export interface ClientHandshakeOptions {
  /** The greeting mirrors what the target says of itself. */
  readonly report: MysqlReport;
  readonly connectionId: number;
  readonly username: string;
  readonly tls: EndpointTls;
  readonly tlsRequired: boolean;
  /** Undefined while the grant's connection has not been shown to anyone. */
  readonly verifier: () => Promise<CredentialVerifier | undefined>;
}

/** A client that has shown the grant's credential and now waits for OK. */
export interface AuthenticatedClient {
  readonly response: HandshakeResponse;
  /** The flags that both legs of the session will use. */
  readonly capabilities: number;
  readonly tls: { readonly version: string; readonly cipher: string } | null;
}

/**
 * Greets a client, offers TLS, and checks its credential. The last packet, OK or ERR, is left to the caller, who first
 * dials the target. Whether TLS is used is what was seen on the socket: a login behind TLS need not repeat CLIENT_SSL, as
 * servers do not ask for it either and MariaDB's Connector/J leaves it out.
 *
 * https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase.html
 *
 * @throws BrokerError `handshake_invalid`, `tls_required`, `character_set_refused`, `credential_wrong`, …
 */
export async function authenticateClient(
  channel: HandshakeChannel,
  options: ClientHandshakeOptions,
): Promise<AuthenticatedClient> {
  const scramble = newScramble();
  const offered = filterCapabilities(options.report.capabilities);
  channel.write(
    encodeGreeting({
      serverVersion: options.report.version,
      threadId: options.connectionId,
      authPluginData: scramble,
      capabilities: offered,
      collationId: announcedCollationId(options.report.collation),
      statusFlags: SERVER_STATUS_AUTOCOMMIT,
      authPlugin: greetedPlugin(options.report.authPlugin),
      mariadbCapabilities: mariadbCapabilitiesOf(offered),
    }),
  );
  let payload = await channel.read();
  let tls: AuthenticatedClient['tls'] = null;
  if (isSslRequest(payload)) {
    tls = await startTls(channel, options.tls);
    payload = await channel.read();
  } else if (options.tlsRequired) {
    throw new BrokerError('tls_required');
  }
  const response = decodeHandshakeResponse(payload, offered);
  requireReadableLogin(response);
  await checkCredential(channel, response, scramble, options);
  return { response, capabilities: response.capabilities, tls };
}

/** @throws BrokerError `character_set_refused`, `handshake_invalid` */
function requireReadableLogin({ collationId, database = '' }: HandshakeResponse): void {
  if (!isCharacterSetAllowed(collationId)) throw new BrokerError('character_set_refused');
  // A server reads the name by the login's character set, and by another one than the broker would.
  if (!isUtf8CharacterSet(characterSetOf(collationId) ?? '') && !isAscii(Buffer.from(database))) {
    throw new BrokerError('handshake_invalid', {
      detail:
        'A database name with characters beyond ASCII is accepted in a login only with utf8mb4. Log in without a database, then enter it with USE.',
    });
  }
}

/** Clients that know neither are switched to the one greeted; most know both. */
function greetedPlugin(targetPlugin: string): string {
  return targetPlugin === CACHING_SHA2_PASSWORD ? CACHING_SHA2_PASSWORD : MYSQL_NATIVE_PASSWORD;
}

async function startTls(channel: HandshakeChannel, tls: EndpointTls): Promise<{ version: string; cipher: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>();
  channel.upgrade((bare: Socket) => {
    const secure = new TLSSocket(bare, { isServer: true, secureContext: tls.context });
    secure.once('secure', () => resolve(secure));
    secure.once('error', (error) =>
      reject(new BrokerError('handshake_invalid', { detail: 'The TLS handshake failed.', cause: error })),
    );
    secure.once('close', () =>
      reject(new BrokerError('handshake_invalid', { detail: 'The TLS handshake was cut off.' })),
    );
    return secure;
  });
  const secure = await channel.until(promise);
  return { version: secure.getProtocol() ?? 'unknown', cipher: secure.getCipher().name };
}

/**
 * Compares without telling which of name and password was wrong. The fast path of caching_sha2_password is always
 * enough, because the verifier of every credential is at hand; full authentication is never asked for.
 */
async function checkCredential(
  channel: HandshakeChannel,
  response: HandshakeResponse,
  greetedScramble: Buffer,
  options: ClientHandshakeOptions,
): Promise<void> {
  const verifier = await options.verifier();
  let plugin = response.authPlugin ?? MYSQL_NATIVE_PASSWORD;
  let answer = response.authResponse;
  let scramble = greetedScramble;
  const isKnown = plugin === MYSQL_NATIVE_PASSWORD || plugin === CACHING_SHA2_PASSWORD;
  // A client that prefers another plugin than the one greeted shows it nothing of the greeting's scramble: its answer is
  // empty, and it waits to be asked again.
  const greeted = greetedPlugin(options.report.authPlugin);
  if (!isKnown || (answer.length === 0 && plugin !== greeted)) {
    if (!isKnown) plugin = greeted;
    scramble = newScramble();
    channel.write(encodeAuthSwitchRequest({ authPlugin: plugin, authPluginData: scramble }));
    answer = await channel.read();
  }
  const verify = plugin === CACHING_SHA2_PASSWORD ? verifyCachingSha2Password : verifyNativePassword;
  const holds = verifier !== undefined && verify(answer, scramble, verifier);
  if (!holds || response.user !== options.username) throw new BrokerError('credential_wrong');
  if (plugin === CACHING_SHA2_PASSWORD) channel.write(encodeAuthMoreData(Buffer.from([CACHING_SHA2_FAST_AUTH_OK])));
}
