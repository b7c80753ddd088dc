import type { Socket } from 'node:net';
import type { Flavour, TargetEndpoint } from '../domain/target.js';
import { BrokerError } from '../kernel/errors.js';
import { CLIENT_LONG_PASSWORD, CLIENT_TRANSACTIONS } from '../wire/mysql/capabilities.js';
import { COM_QUERY, COM_QUIT } from '../wire/mysql/commands.js';
import type { Greeting } from '../wire/mysql/handshake.js';
import { encodePackets } from '../wire/mysql/packet.js';
import { ResponseTracker } from '../wire/mysql/response-tracker.js';
import { decodeResponse } from '../wire/mysql/result-decoder.js';
import { connectTarget, type TargetConnection } from './target-connection.js';

export interface AdminLogin {
  readonly endpoint: TargetEndpoint;
  readonly username: string;
  readonly password: string;
}

/** A row as the text protocol carries it. */
export type AdminRow = readonly (string | null)[];

/** The target answered one of the broker's own statements with ERR. */
export class TargetStatementRefused extends BrokerError {
  constructor(
    readonly errno: number,
    sqlState: string,
    statement: string,
  ) {
    // The first words say which step it was; the rest of the statement may hold a password.
    const step = statement.split(/\s+/, 2).join(' ');
    super('target_statement_refused', { detail: `The target answered ${step} with error ${errno} (${sqlState}).` });
  }
}

export function isTargetError(error: unknown, errno: number): boolean {
  return error instanceof TargetStatementRefused && error.errno === errno;
}

const UTF8MB4_GENERAL_CI = 45;
const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 10_000;
const RESPONSE_BYTES_MAX = 16 << 20;

/** The broker's own connection to a target, for making and ending accounts. One statement at a time, in order. */
export class AdminConnection {
  readonly flavour: Flavour;
  readonly greeting: Greeting;
  readonly tls: TargetConnection['tls'];
  /** Whether GRANT reads `_` and `%` in database names as patterns; with MySQL's partial_revokes it does not. */
  hasDatabasePatterns = true;
  readonly #socket: Socket;
  readonly #tracker: ResponseTracker;
  readonly #capabilities: number;
  #queue: Promise<unknown> = Promise.resolve();
  #pending: PendingStatement | undefined;
  #closed: BrokerError | undefined;

  /**
   * Logs in, and sets the session so that {@link ./sql-quote.ts} holds.
   * @throws BrokerError as connectTarget does
   */
  static async open(login: AdminLogin): Promise<AdminConnection> {
    const target = await connectTarget(
      login.endpoint,
      {
        username: login.username,
        password: login.password,
        database: null,
        capabilities: CLIENT_LONG_PASSWORD | CLIENT_TRANSACTIONS,
        collation: UTF8MB4_GENERAL_CI,
        attributes: new Map([['program_name', 'doorwarden']]),
      },
      CONNECT_TIMEOUT_MS,
    );
    const admin = new AdminConnection(target);
    try {
      await admin.run(`SET SESSION sql_mode = '', NAMES utf8mb4`);
      if (admin.flavour === 'mysql') {
        const rows = await admin.rows('SELECT @@partial_revokes');
        admin.hasDatabasePatterns = rows[0]?.[0] !== '1';
      }
      return admin;
    } catch (error) {
      admin.close();
      throw error;
    }
  }

  private constructor(target: TargetConnection) {
    this.greeting = target.greeting;
    this.flavour = flavourOf(target.greeting.serverVersion);
    this.tls = target.tls;
    this.#capabilities = target.capabilities;
    this.#tracker = new ResponseTracker(target.capabilities);
    this.#socket = target.socket;
    this.#socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    this.#socket.on('error', (error) => this.#fail(new BrokerError('target_unreachable', { cause: error })));
    this.#socket.on('close', () =>
      this.#fail(new BrokerError('target_unreachable', { detail: 'The target closed the connection.' })),
    );
  }

  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  /** Runs a statement for its effect. @throws TargetStatementRefused, BrokerError `target_unreachable` */
  async run(statement: string): Promise<void> {
    await this.#send(statement);
  }

  /** The rows of a statement's first result. */
  async rows(statement: string): Promise<readonly AdminRow[]> {
    const response = await this.#send(statement);
    const decoded = decodeResponse(response, { capabilities: this.#capabilities, command: COM_QUERY });
    const [first] = decoded.results;
    return first?.kind === 'rows' ? first.rows : [];
  }

  close(): void {
    if (this.#closed === undefined) this.#socket.end(encodePackets(0, Buffer.from([COM_QUIT])));
    this.#fail(new BrokerError('target_unreachable', { detail: 'The connection was closed.' }));
  }

  #send(statement: string): Promise<Buffer> {
    const turn = this.#queue.then(() => this.#exchange(statement));
    this.#queue = turn.catch(() => {}); // whoever asked gets the error; the next in line goes on
    return turn;
  }

  async #exchange(statement: string): Promise<Buffer> {
    if (this.#closed !== undefined) throw this.#closed;
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    const timer = setTimeout(() => {
      this.#socket.destroy();
      this.#fail(new BrokerError('target_unreachable', { detail: 'The target did not answer in time.' }));
    }, STATEMENT_TIMEOUT_MS);
    this.#pending = { resolve, reject, chunks: [], bytes: 0 };
    this.#tracker.begin(COM_QUERY);
    this.#socket.write(encodePackets(0, Buffer.concat([Buffer.from([COM_QUERY]), Buffer.from(statement, 'utf8')])));
    const response = await promise.finally(() => clearTimeout(timer));
    const { error } = this.#tracker;
    if (error !== undefined) throw new TargetStatementRefused(error.errno, error.sqlState, statement);
    return response;
  }

  #onData(chunk: Buffer): void {
    const pending = this.#pending;
    if (pending === undefined) return; // a farewell of the server; its close follows
    try {
      this.#tracker.push(chunk);
    } catch (error) {
      this.#socket.destroy();
      this.#fail(new BrokerError('target_protocol_violation', { cause: error }));
      return;
    }
    pending.chunks.push(chunk);
    pending.bytes += chunk.length;
    if (this.#tracker.done) {
      this.#pending = undefined;
      pending.resolve(Buffer.concat(pending.chunks));
    } else if (pending.bytes > RESPONSE_BYTES_MAX) {
      this.#socket.destroy();
      this.#fail(
        new BrokerError('target_protocol_violation', { detail: 'The answer is larger than the broker takes.' }),
      );
    }
  }

  #fail(error: BrokerError): void {
    this.#closed ??= error;
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.reject(this.#closed);
  }
}

interface PendingStatement {
  readonly resolve: (response: Buffer) => void;
  readonly reject: (error: BrokerError) => void;
  readonly chunks: Buffer[];
  bytes: number;
}

/** MariaDB says so in its version string; every other server that speaks the protocol is taken for MySQL. */
export function flavourOf(version: string): Flavour {
  return /mariadb/i.test(version) ? 'mariadb' : 'mysql';
}
