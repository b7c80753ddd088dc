import type { Server, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { SqlDialect } from '../protocols/mysql/sql/text/dialect.js';
import type { Clock } from '../kernel/clock.js';
import { BrokerError, type ErrorCode } from '../kernel/errors.js';
import type { ClientAddress } from '../recording/entries/entries.js';
import type { Kill } from '../protocols/mysql/sql/session/kill.js';
import type { CredentialVerifier } from '../protocols/mysql/wire/login/auth.js';
import { targetCollationId } from '../protocols/mysql/wire/values/charsets.js';
import { encodeErr } from '../protocols/mysql/wire/packets.js';
import type { BusyPoll } from './busy-poll.js';
import type { EndpointTls } from './certificate-authority.js';
import { authenticateClient, type AuthenticatedClient } from '../protocols/mysql/login/client-handshake.js';
import type { GrantRecorder } from './grant-recorder.js';
import { HandshakeChannel } from '../protocols/mysql/login/handshake-channel.js';
import type { SessionLocks } from '../protocols/mysql/locks/lock-watch.js';
import type { GatewayLog } from './ports.js';
import type { MysqlOrder } from '../protocols/mysql/grant-order.js';
import type { StatementJudge } from '../protocols/mysql/judge/judgement.js';
import type { PortPool } from './port-pool.js';
import { errPacket } from '../protocols/mysql/session/error-packets.js';
import type { SessionPeers } from '../protocols/mysql/session/session-kill.js';
import type { SessionLimits, SessionOptions } from '../protocols/mysql/session/session-options.js';
import { Session } from '../protocols/mysql/session/session.js';
import type { Rehearser } from '../protocols/mysql/rehearsal/rehearser.js';
import {
  connectTarget,
  TargetLoginRefused,
  type TargetConnection,
} from '../protocols/mysql/login/target-connection.js';
import type { TargetDoor } from '../protocols/mysql/login/target-door.js';
import { wireCodeOf } from '../protocols/mysql/wire-codes.js';

export interface EndpointLimits extends SessionLimits {
  readonly authenticationMs: number;
  readonly targetConnectMs: number;
}

export interface EndpointOptions {
  readonly order: MysqlOrder;
  /** The login of the target leg: the task account, or the target's fixed one. */
  readonly targetLogin: { readonly username: string; readonly password: string };
  readonly recorder: GrantRecorder;
  readonly dialect: Omit<SqlDialect, 'sqlMode'>;
  readonly judge: StatementJudge;
  readonly statements: Pick<SessionOptions, 'gate' | 'door' | 'hold'>;
  readonly locks: SessionLocks;
  readonly rehearser: Pick<Rehearser, 'rehearse'>;
  readonly clock: Clock;
  readonly tls: EndpointTls;
  readonly tlsRequired: boolean;
  readonly limits: EndpointLimits;
  readonly poll: Pick<BusyPoll, 'arrived'>;
  readonly verifier: () => Promise<CredentialVerifier | undefined>;
  readonly killRunning: (thread: number) => Promise<void>;
  readonly threadOfQuery: SessionPeers['threadOfQuery'];
  readonly log: GatewayLog;
  readonly keepFor: PortPool['keepFor'];
  /** Stands between a session and its login at the target; absent where the account needs no watching. */
  readonly door?: TargetDoor | undefined;
}

/** A login may be under way for this many connections more than may be open, so that a flood is turned away early. */
const LOGINS_SPARE = 8;
const WRONG_CREDENTIAL_DELAY_MS = 500;
const REFUSALS_RECORDED_MAX = 1_000;
const LOGIN_PAYLOAD_BYTES_MAX = 128 * 1024;
/** High, so that a client which kills "its connection" by this id never hits one of the target's own ids. */
const CONNECTION_ID_BASE = 0x4000_0000;
const ER_ACCESS_DENIED = 1045;

/** A client that was greeted with this id. */
interface Greeted {
  readonly channel: HandshakeChannel;
  readonly client: ClientAddress;
  readonly connectionId: number;
}

/** A target leg, with the door's epoch in which it logged in. */
interface EnteredTarget {
  readonly target: TargetConnection;
  readonly epoch: number;
}

/** The gateway's listener of one grant: takes connections, logs both legs in, and keeps the sessions until its end. */
export class Endpoint implements SessionPeers {
  readonly #options: EndpointOptions;
  readonly #server: Server;
  readonly #sessions = new Set<Session>();
  /** Connections whose login is under way. */
  readonly #logins = new Set<Socket>();
  readonly #threads = new Set<number>();
  #closed: ErrorCode | undefined;
  #connections = 0;
  #refusals = 0;

  constructor(server: Server, options: EndpointOptions) {
    this.#options = options;
    this.#server = server;
    server.on('connection', (socket: Socket) => {
      this.#accept(socket).catch(() => socket.destroy()); // it was being turned away, and that failed too
    });
    server.on('error', () => {}); // of single accepts, for example without file descriptors; the listener stays
  }

  /** The target's ids of the connections that this endpoint has opened and not seen closed. */
  get targetThreads(): readonly number[] {
    return [...this.#threads];
  }

  get sessionCount(): number {
    return this.#sessions.size;
  }

  /**
   * Stops accepting; connections that have not logged in are cut off. `isLateTold`: who comes later reads why, for as
   * long as the port can be kept.
   */
  stopAccepting(code: ErrorCode, isLateTold = false): void {
    this.#closed ??= code;
    if (isLateTold) this.#options.keepFor(this.#server, (socket) => tellLate(socket, code));
    else this.#server.close();
    for (const socket of this.#logins) socket.destroy();
  }

  /** Ends all sessions, and resolves when their last entries are appended. */
  async endSessions(code: ErrorCode): Promise<void> {
    const sessions = [...this.#sessions];
    for (const session of sessions) session.end(code);
    await Promise.all(sessions.map((session) => session.ended));
  }

  async kill(id: number, what: Kill['what']): Promise<boolean> {
    const called = [...this.#sessions].find((session) => session.isCalled(id));
    await called?.kill(what);
    return called !== undefined;
  }

  threadOfQuery(id: number): Promise<number | undefined> {
    return this.#options.threadOfQuery(id);
  }

  async #accept(socket: Socket): Promise<void> {
    const { order, limits, recorder } = this.#options;
    const client = addressOf(socket);
    const channel = new HandshakeChannel(socket, {
      payloadBytesMax: LOGIN_PAYLOAD_BYTES_MAX,
      timeoutMs: limits.authenticationMs,
      codes: { timeout: 'authentication_timeout', closed: 'handshake_invalid' },
    });
    this.#logins.add(socket);
    try {
      const occupied = this.#sessions.size + this.#logins.size;
      if (occupied > order.sessionsMax + LOGINS_SPARE) throw new BrokerError('sessions_over_limit');
      this.#connections += 1;
      const connectionId = CONNECTION_ID_BASE + this.#connections;
      const authenticated = await authenticateClient(channel, {
        report: order.target.report,
        connectionId,
        username: order.taskAccount,
        tls: this.#options.tls,
        tlsRequired: this.#options.tlsRequired,
        verifier: this.#options.verifier,
      });
      this.#requireOpen();
      if (this.#sessions.size >= order.sessionsMax) throw new BrokerError('sessions_over_limit');
      if (!recorder.admits) throw new BrokerError('recording_unavailable');
      const entered = await this.#enterTarget(socket, authenticated);
      this.#startSession({ channel, client, connectionId }, authenticated, entered);
    } catch (error) {
      await this.#turnAway(channel, client, error);
    } finally {
      this.#logins.delete(socket);
    }
  }

  #requireOpen(): void {
    if (this.#closed !== undefined) throw new BrokerError(this.#closed);
  }

  /** Logs in while nothing is given that the session would keep; a client that is gone is not waited for. */
  async #enterTarget(client: Socket, authenticated: AuthenticatedClient): Promise<EnteredTarget> {
    const { door } = this.#options.statements;
    const waiting = new AbortController();
    const onGone = (): void => waiting.abort(new BrokerError('client_gone'));
    client.once('close', onGone);
    try {
      const window = await door.openToEnter(authenticated.response.database ?? null, waiting.signal);
      try {
        const { epoch } = door;
        return { target: await this.#connectTarget(authenticated), epoch };
      } finally {
        await window.close();
      }
    } finally {
      client.off('close', onGone);
    }
  }

  #connectTarget({ response, capabilities }: AuthenticatedClient): Promise<TargetConnection> {
    const { order, targetLogin, limits, door } = this.#options;
    const login = {
      ...targetLogin,
      database: response.database ?? null,
      capabilities,
      collation: targetCollationId(response.collationId, order.target.report.flavour === 'mariadb'),
      attributes: new Map([...response.attributes, ['doorwarden_grant', order.id]]),
    };
    const connect = () => connectTarget(order.target.endpoint, login, limits.targetConnectMs);
    return door === undefined ? connect() : door.logIn(connect);
  }

  #startSession(
    { channel, client, connectionId }: Greeted,
    { response, capabilities, tls }: AuthenticatedClient,
    { target, epoch }: EnteredTarget,
  ): void {
    const { order, recorder, dialect, judge, statements, locks, rehearser, clock, limits, poll, killRunning, log } =
      this.#options;
    try {
      this.#requireOpen();
      const number = recorder.nextSession();
      const socket = channel.release(); // throws when the client did not wait for its OK
      const session = new Session({
        number,
        client: socket,
        target: target.socket,
        targetThread: target.greeting.threadId,
        connectionId,
        peers: this,
        capabilities: target.capabilities,
        dialect,
        database: response.database ?? null,
        deadlineMs: order.deadlineMs,
        recorder,
        judge,
        gate: statements.gate,
        hold: (statement) => statements.hold(statement),
        door: statements.door,
        locks,
        rehearser,
        epoch,
        clock,
        limits,
        poll,
        killRunning,
        onViolation: (session, detail) =>
          log.error({ grant: order.id, target: order.target.name, session, detail }, 'the target broke the protocol'),
      });
      recorder.append({
        type: 'session.opened',
        session: number,
        client,
        tls,
        capabilities,
        collation: response.collationId,
        database: response.database ?? null,
        attributes: Object.fromEntries(response.attributes),
        targetThread: target.greeting.threadId,
      });
      this.#keep(session, target);
      channel.write(target.okPayload);
      session.start();
    } catch (error) {
      target.socket.on('error', () => {});
      target.socket.destroy();
      throw error;
    }
  }

  #keep(session: Session, target: TargetConnection): void {
    const thread = target.greeting.threadId;
    this.#sessions.add(session);
    this.#threads.add(thread);
    target.socket.once('close', () => this.#threads.delete(thread));
    void session.ended.then(() => this.#sessions.delete(session));
  }

  /** A flood of logins must not fill the recording: past a number of them it only says that there were more. */
  #recordRefusal(client: ClientAddress, { code, detail }: BrokerError): void {
    const { recorder } = this.#options;
    if (!recorder.admits || this.#closed !== undefined || this.#refusals >= REFUSALS_RECORDED_MAX) return;
    this.#refusals += 1;
    const isLast = this.#refusals === REFUSALS_RECORDED_MAX;
    const told = isLast ? 'Further refused logins are not recorded.' : detail;
    recorder.append({ type: 'session.refused', client, code, ...(told === undefined ? {} : { detail: told }) });
  }

  /** Tells a client that did not get in why, and records it. */
  async #turnAway(channel: HandshakeChannel, client: ClientAddress, error: unknown): Promise<void> {
    const fault = error instanceof BrokerError ? error : new BrokerError('internal', { cause: error });
    const { socket } = channel;
    channel.abandon();
    socket.on('error', () => {});
    this.#recordRefusal(client, fault);
    if (fault.code === 'credential_wrong') await delay(WRONG_CREDENTIAL_DELAY_MS); // guessing shall be slow
    if (socket.destroyed) return;
    socket.resume();
    channel.write(refusal(fault));
    socket.end();
    const timer = setTimeout(() => socket.destroy(), WRONG_CREDENTIAL_DELAY_MS);
    socket.once('close', () => clearTimeout(timer));
  }
}

/** Answers a connection that comes when the grant is over; its client has shown nothing, and is told nothing but that. */
function tellLate(socket: Socket, code: ErrorCode): void {
  socket.on('error', () => {});
  socket.resume();
  socket.end(errPacket(code, 0));
  const timer = setTimeout(() => socket.destroy(), WRONG_CREDENTIAL_DELAY_MS);
  socket.once('close', () => clearTimeout(timer));
}

/**
 * What the target said of a login goes to the client, who has shown its credential by then: an unknown database, say.
 * But a refused task account is the broker's trouble, not the client's password.
 */
function refusal(fault: BrokerError): Buffer {
  if (fault instanceof TargetLoginRefused && fault.packet.errno !== ER_ACCESS_DENIED) return encodeErr(fault.packet);
  return encodeErr({ ...wireCodeOf(fault.code), message: fault.sentence });
}

function addressOf(socket: Socket): ClientAddress {
  return { address: socket.remoteAddress ?? 'unknown', port: socket.remotePort ?? 0 };
}
