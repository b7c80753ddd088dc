import type { Socket } from 'node:net';
import type { Arrival, GatewayTools, SessionHost } from '../../../gateway/gateway-protocol.js';
import type { MysqlOrder } from '../grant-order.js';
import { BrokerError } from '../../../kernel/errors.js';
import type { SessionDoor } from '../held/session-door.js';
import type { SessionOptions } from '../session/session-options.js';
import type { Session } from '../session/session.js';
import { errorInTargetsName } from '../said-by-target.js';
import { credentialVerifierIn } from '../verifier.js';
import { wireCodeOf } from '../wire-codes.js';
import type { CredentialVerifier } from '../wire/login/auth.js';
import { encodePackets } from '../wire/packet.js';
import { encodeErr } from '../wire/packets.js';
import { targetCollationId } from '../wire/values/charsets.js';
import { authenticateClient, type AuthenticatedClient } from './client-handshake.js';
import { endWith } from './farewell.js';
import { HandshakeChannel } from './handshake-channel.js';
import { TargetLoginRefused, type TargetConnection, type TargetSessionLogin } from './target-connection.js';
import type { SessionBody } from '../recorded/bodies.js';

/** What only the two logins of a session know of it. */
export type SessionLogin = Pick<
  SessionOptions,
  'number' | 'client' | 'target' | 'targetThread' | 'connectionId' | 'capabilities' | 'database' | 'epoch' | 'recorder'
>;

/** The grant, as a connection to its endpoint uses it. */
export interface ArrivalGrant {
  readonly order: MysqlOrder;
  readonly tools: Pick<GatewayTools, 'tls' | 'tlsRequired' | 'limits'>;
  readonly door: Pick<SessionDoor, 'openToEnter' | 'epoch'>;
  /** Logs in to the target with what the grant has there. */
  connect(login: Omit<TargetSessionLogin, 'username' | 'password'>): Promise<TargetConnection>;
  makeSession(login: SessionLogin): Session;
  keep(session: Session, target: TargetConnection): void;
}

export interface MysqlArrivalOptions {
  readonly grant: ArrivalGrant;
  readonly host: SessionHost;
  /** The id that the client is greeted with. */
  readonly connectionId: number;
}

const LOGIN_PAYLOAD_BYTES_MAX = 128 * 1024;
const ER_ACCESS_DENIED = 1045;

/** A target leg, with the door's epoch in which it logged in. */
interface EnteredTarget {
  readonly target: TargetConnection;
  readonly epoch: number;
}

/** A client's connection to a grant's endpoint until it is a session: both logins, the client's and the target's. */
export class MysqlArrival implements Arrival {
  readonly #options: MysqlArrivalOptions;
  readonly #client: Socket;
  readonly #channel: HandshakeChannel;

  constructor(client: Socket, options: MysqlArrivalOptions) {
    this.#options = options;
    this.#client = client;
    this.#channel = new HandshakeChannel(client, {
      payloadBytesMax: LOGIN_PAYLOAD_BYTES_MAX,
      timeoutMs: options.grant.tools.limits.authenticationMs,
      codes: { timeout: 'authentication_timeout', closed: 'handshake_invalid' },
    });
  }

  async logIn(): Promise<void> {
    const { grant, host, connectionId } = this.#options;
    const { order, tools } = grant;
    try {
      const authenticated = await authenticateClient(this.#channel, {
        report: order.target.report,
        connectionId,
        username: order.taskAccount,
        tls: tools.tls,
        tlsRequired: tools.tlsRequired,
        verifier: () => this.#verifier(),
      });
      host.admit();
      this.#begin(authenticated, await this.#enterTarget(authenticated));
    } catch (error) {
      this.#channel.abandon();
      this.#channel.socket.on('error', () => {}); // until it is turned away
      throw error;
    }
  }

  refuse(fault: BrokerError): void {
    this.#channel.abandon();
    const { socket, sequenceId } = this.#channel;
    if (!socket.destroyed) endWith(socket, encodePackets(sequenceId, refusal(fault)));
  }

  async #verifier(): Promise<CredentialVerifier | undefined> {
    const verifier = await this.#options.host.verifier();
    return verifier === undefined ? undefined : credentialVerifierIn(verifier);
  }

  /** Logs in while nothing is given that the session would keep; a client that is gone is not waited for. */
  async #enterTarget(authenticated: AuthenticatedClient): Promise<EnteredTarget> {
    const { door } = this.#options.grant;
    const waiting = new AbortController();
    const onGone = (): void => waiting.abort(new BrokerError('client_gone'));
    this.#client.once('close', onGone);
    try {
      const window = await door.openToEnter(authenticated.response.database ?? null, waiting.signal);
      try {
        const { epoch } = door;
        return { target: await this.#connectTarget(authenticated), epoch };
      } finally {
        await window.close();
      }
    } finally {
      this.#client.off('close', onGone);
    }
  }

  #connectTarget({ response, capabilities }: AuthenticatedClient): Promise<TargetConnection> {
    const { grant } = this.#options;
    const { id, target } = grant.order;
    return grant.connect({
      database: response.database ?? null,
      capabilities,
      collation: targetCollationId(response.collationId, target.report.flavour === 'mariadb'),
      attributes: new Map([...response.attributes, ['doorwarden_grant', id]]),
    });
  }

  #begin({ response, capabilities, tls }: AuthenticatedClient, { target, epoch }: EnteredTarget): void {
    const { grant, host, connectionId } = this.#options;
    const database = response.database ?? null;
    const { threadId } = target.greeting;
    const body: SessionBody = {
      capabilities,
      collation: response.collationId,
      database,
      attributes: Object.fromEntries(response.attributes),
      targetThread: threadId,
    };
    try {
      const session = host.begin({ tls, body }, (number) =>
        grant.makeSession({
          number,
          client: this.#channel.release(), // throws when the client did not wait for its OK
          target: target.socket,
          targetThread: threadId,
          connectionId,
          capabilities: target.capabilities,
          database,
          epoch,
          recorder: host.recorder,
        }),
      );
      grant.keep(session, target);
      this.#channel.write(target.okPayload);
      session.start();
    } catch (error) {
      target.socket.on('error', () => {});
      target.socket.destroy();
      throw error;
    }
  }
}

/**
 * What the target said of a login goes to the client, who has shown its credential by then: an unknown database, say.
 * But a refused task account is the broker's trouble, not the client's password.
 */
function refusal(fault: BrokerError): Buffer {
  if (fault instanceof TargetLoginRefused && fault.packet.errno !== ER_ACCESS_DENIED) {
    return encodeErr(errorInTargetsName(fault.packet));
  }
  return encodeErr({ ...wireCodeOf(fault.code), message: fault.sentence });
}
