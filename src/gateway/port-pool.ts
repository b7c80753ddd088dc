import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { PortRange } from '../config/variables.js';
import { BrokerError } from '../kernel/errors.js';

/** A server that listens, and where. */
export interface Listening {
  readonly server: Server;
  readonly port: number;
}

/** How long, and how many at most: a port that is wanted for another grant is given sooner. */
const KEPT_MS_MAX = 15 * 60_000;
const KEPT_MAX = 256;
/** A client that comes late is told and sent away; more at once than this are not heard. */
const LATE_CONNECTIONS_MAX = 16;

/** A client whose machine is gone is noticed while its statement waits for people: without a delay probes begin in 2 h. */
const SOCKETS = { allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 };

/** Binds listeners to free ports of a range. A port that another process holds is passed over. */
export class PortPool {
  readonly #range: PortRange;
  readonly #host: string;
  readonly #used = new Set<number>();
  /** Listeners whose grants are over, the oldest first, with the timers that close them. */
  readonly #kept = new Map<Server, NodeJS.Timeout>();
  #next: number;

  constructor(host: string, range: PortRange) {
    this.#host = host;
    this.#range = range;
    this.#next = range.first;
  }

  /**
   * A listening server on the next free port; it gives its port back when it closes.
   * @throws BrokerError `endpoint_ports_exhausted`
   */
  async listen(backlog: number): Promise<Listening> {
    const size = this.#range.last - this.#range.first + 1;
    for (let tried = 0; tried < size; tried += 1) {
      const port = this.#takeNext() ?? (await this.#takeKept());
      if (port === undefined) break;
      const server = await this.#bind(port, backlog);
      if (server !== undefined) return { server, port };
    }
    throw new BrokerError('endpoint_ports_exhausted', {
      detail: `The range is ${this.#range.first}-${this.#range.last}.`,
    });
  }

  /**
   * Keeps a listener whose grant is over for those who come late: they are told why nobody is there, for as long as the
   * port can be kept.
   */
  keepFor(server: Server, onLate: (socket: Socket) => void): void {
    if (!server.listening) return;
    server.removeAllListeners('connection');
    server.on('connection', onLate);
    server.maxConnections = LATE_CONNECTIONS_MAX;
    server.unref();
    const timer = setTimeout(() => this.#letGo(server), KEPT_MS_MAX);
    timer.unref();
    this.#kept.set(server, timer);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT_MAX && oldest !== undefined) this.#letGo(oldest);
  }

  #letGo(server: Server): void {
    clearTimeout(this.#kept.get(server));
    this.#kept.delete(server);
    server.close();
  }

  /** The port that was kept longest, for a new grant. */
  async #takeKept(): Promise<number | undefined> {
    const [oldest] = this.#kept.keys();
    if (oldest === undefined) return undefined;
    const closed = once(oldest, 'close');
    this.#letGo(oldest);
    await closed;
    return this.#takeNext();
  }

  /** Ports are taken in turn, so that one that was just freed is not met by the client of the grant before. */
  #takeNext(): number | undefined {
    const size = this.#range.last - this.#range.first + 1;
    for (let step = 0; step < size; step += 1) {
      const port = this.#range.first + ((this.#next - this.#range.first + step) % size);
      if (this.#used.has(port)) continue;
      this.#next = port === this.#range.last ? this.#range.first : port + 1;
      this.#used.add(port);
      return port;
    }
    return undefined;
  }

  async #bind(port: number, backlog: number): Promise<Server | undefined> {
    const server = createServer(SOCKETS);
    const { promise, resolve, reject } = Promise.withResolvers<Server | undefined>();
    server.once('error', (error) => {
      this.#used.delete(port);
      if ('code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES')) resolve(undefined);
      else
        reject(
          new BrokerError('open_failed', { detail: `The endpoint cannot listen on ${this.#host}.`, cause: error }),
        );
    });
    server.once('close', () => this.#used.delete(port));
    server.listen({ host: this.#host, port, backlog, exclusive: true }, () => resolve(server));
    return await promise;
  }
}
