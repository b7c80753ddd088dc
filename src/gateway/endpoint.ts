import type { Server, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { BrokerError, brokerErrorOf } from '../kernel/errors.js';
import type { ErrorCode } from '../kernel/errors/error-table.js';
import type { ClientAddress } from '../recording/entries/entries.js';
import type {
  Arrival,
  GrantTarget,
  ServedSession,
  ServingProtocol,
  SessionHost,
  SessionOpening,
} from './gateway-protocol.js';
import type { GrantRecorder } from './grant-recorder.js';
import type { PortPool } from './port-pool.js';

export interface EndpointOptions {
  readonly sessionsMax: number;
  readonly target: Pick<GrantTarget, 'receive'>;
  readonly recorder: GrantRecorder;
  readonly verifier: SessionHost['verifier'];
  readonly refuse: ServingProtocol['refuse'];
  readonly keepFor: PortPool['keepFor'];
}

/** A login may be under way for this many connections more than may be open, so that a flood is turned away early. */
const LOGINS_SPARE = 8;
const WRONG_CREDENTIAL_DELAY_MS = 500;
const REFUSALS_RECORDED_MAX = 1_000;

/**
 * The gateway's listener of one grant: takes connections, counts them, and keeps the sessions until its end. What is said
 * on a connection is the protocol's.
 */
export class Endpoint {
  readonly #options: EndpointOptions;
  readonly #server: Server;
  readonly #sessions = new Set<ServedSession>();
  /** Connections whose login is under way. */
  readonly #logins = new Set<Socket>();
  #closed: ErrorCode | undefined;
  #refusals = 0;

  constructor(server: Server, options: EndpointOptions) {
    this.#options = options;
    this.#server = server;
    server.on('connection', (socket: Socket) => {
      this.#accept(socket).catch(() => socket.destroy()); // it was being turned away, and that failed too
    });
    server.on('error', () => {}); // of single accepts, for example without file descriptors; the listener stays
  }

  get sessionCount(): number {
    return this.#sessions.size;
  }

  /**
   * Stops accepting; connections that have not logged in are cut off. `isLateTold`: a client that comes later reads why,
   * for as long as the port can be kept.
   */
  stopAccepting(code: ErrorCode, isLateTold = false): void {
    const { refuse, keepFor } = this.#options;
    this.#closed ??= code;
    if (isLateTold) keepFor(this.#server, (socket) => refuse(socket, new BrokerError(code)));
    else this.#server.close();
    for (const socket of this.#logins) socket.destroy();
  }

  /** Ends all sessions, and resolves when their last entries are appended. */
  async endSessions(code: ErrorCode): Promise<void> {
    const sessions = [...this.#sessions];
    for (const session of sessions) session.end(code);
    await Promise.all(sessions.map((session) => session.ended));
  }

  async #accept(socket: Socket): Promise<void> {
    const { target, sessionsMax } = this.#options;
    const host = new ArrivalHost(addressOf(socket), this.#options, {
      requireRoom: () => this.#requireRoom(),
      keep: (session) => this.#keep(session),
    });
    const arrival = target.receive(socket, host);
    this.#logins.add(socket);
    try {
      const occupied = this.#sessions.size + this.#logins.size;
      if (occupied > sessionsMax + LOGINS_SPARE) throw new BrokerError('sessions_over_limit');
      await arrival.logIn();
    } catch (error) {
      await this.#refuse(arrival, host, error);
    } finally {
      this.#logins.delete(socket);
    }
  }

  #requireRoom(): void {
    const { sessionsMax, recorder } = this.#options;
    if (this.#closed !== undefined) throw new BrokerError(this.#closed);
    if (this.#sessions.size >= sessionsMax) throw new BrokerError('sessions_over_limit');
    if (!recorder.admits) throw new BrokerError('recording_unavailable');
  }

  #keep(session: ServedSession): void {
    this.#sessions.add(session);
    void session.ended.then(() => this.#sessions.delete(session));
  }

  /** Has a client that did not get in told why, and records it. */
  async #refuse(arrival: Arrival, host: ArrivalHost, error: unknown): Promise<void> {
    const fault = brokerErrorOf(error);
    if (host.session !== undefined) return host.session.end(fault.code); // it is told as a session is
    this.#recordRefusal(host.client, fault);
    if (fault.code === 'credential_wrong') await delay(WRONG_CREDENTIAL_DELAY_MS); // guessing shall be slow
    arrival.refuse(fault);
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
}

/** What of the endpoint one connection needs on its way to a session. */
interface Room {
  /** @throws BrokerError why no session may begin */
  readonly requireRoom: () => void;
  readonly keep: (session: ServedSession) => void;
}

class ArrivalHost implements SessionHost {
  readonly client: ClientAddress;
  readonly recorder: GrantRecorder;
  readonly verifier: SessionHost['verifier'];
  readonly #room: Room;
  #session: ServedSession | undefined;

  constructor(client: ClientAddress, { recorder, verifier }: EndpointOptions, room: Room) {
    this.client = client;
    this.recorder = recorder;
    this.verifier = verifier;
    this.#room = room;
  }

  /** What has come of the connection. */
  get session(): ServedSession | undefined {
    return this.#session;
  }

  admit(): void {
    this.#room.requireRoom();
  }

  begin<Session extends ServedSession>(opened: SessionOpening, make: (session: number) => Session): Session {
    this.#room.requireRoom();
    const number = this.recorder.nextSession();
    const session = make(number);
    this.recorder.append({ type: 'session.opened', session: number, client: this.client, ...opened });
    this.#session = session;
    this.#room.keep(session);
    return session;
  }
}

function addressOf(socket: Socket): ClientAddress {
  return { address: socket.remoteAddress ?? 'unknown', port: socket.remotePort ?? 0 };
}
