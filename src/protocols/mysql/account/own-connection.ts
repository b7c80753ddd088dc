import type { Socket } from 'node:net';
import type { TargetEndpoint } from '../../../domain/target.js';
import type { Flavour } from '../flavour.js';
import { assert } from '../../../kernel/assert.js';
import { BrokerError } from '../../../kernel/errors.js';
import { CLIENT_LONG_PASSWORD, CLIENT_TRANSACTIONS } from '../wire/login/capabilities.js';
import { COM_QUIT } from '../wire/commands.js';
import type { Greeting } from '../wire/login/handshake.js';
import { encodePackets } from '../wire/packet.js';
import type { ErrPacket } from '../wire/packets.js';
import type { PreparedHead } from '../wire/response/response-result.js';
import { ResponseTracker } from '../wire/response/response-tracker.js';
import { decodeResponse } from '../wire/response/result-decoder.js';
import { connectTarget, type TargetConnection } from '../login/target-connection.js';

export interface AdminLogin {
  readonly endpoint: TargetEndpoint;
  readonly username: string;
  readonly password: string;
}

/** A row as text, whichever protocol carried it. */
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

export interface OwnConnectionOptions {
  /** As the target lists it among its sessions. */
  readonly programName: string;
  readonly connectMs: number;
  /** A longer answer ends the connection. */
  readonly responseBytesMax: number;
  /** What the session speaks beyond the login; plain texts and transactions unless it is said. */
  readonly capabilities?: number;
}

const UTF8MB4_GENERAL_CI = 45;

/** A connection of the broker's own to a target: one command after the other, and the whole answer to each. */
export class OwnConnection {
  readonly flavour: Flavour;
  readonly greeting: Greeting;
  readonly tls: TargetConnection['tls'];
  readonly #socket: Socket;
  readonly #tracker: ResponseTracker;
  readonly #capabilities: number;
  readonly #responseBytesMax: number;
  #pending: PendingAnswer | undefined;
  #closed: BrokerError | undefined;

  /** Logs in. @throws BrokerError as connectTarget does */
  static async open(login: AdminLogin, options: OwnConnectionOptions): Promise<OwnConnection> {
    const target = await connectTarget(
      login.endpoint,
      {
        username: login.username,
        password: login.password,
        database: null,
        capabilities: options.capabilities ?? CLIENT_LONG_PASSWORD | CLIENT_TRANSACTIONS,
        collation: UTF8MB4_GENERAL_CI,
        attributes: new Map([['program_name', options.programName]]),
      },
      options.connectMs,
    );
    return new OwnConnection(target, options.responseBytesMax);
  }

  private constructor(target: TargetConnection, responseBytesMax: number) {
    this.greeting = target.greeting;
    this.flavour = flavourOf(target.greeting.serverVersion);
    this.tls = target.tls;
    this.#capabilities = target.capabilities;
    this.#responseBytesMax = responseBytesMax;
    this.#tracker = new ResponseTracker(target.capabilities);
    this.#socket = target.socket;
    this.#socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    this.#socket.on('error', (cause) => this.#fail(new BrokerError('target_unreachable', { cause })));
    this.#socket.on('close', () => this.#fail(unreachable('The target closed the connection.')));
  }

  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  /** The head of the last answer to COM_STMT_PREPARE. */
  get prepared(): PreparedHead | undefined {
    return this.#tracker.prepared;
  }

  /** What the target said last, where it was ERR. */
  get error(): ErrPacket | undefined {
    return this.#tracker.error;
  }

  /** Sends a command that has no answer. */
  tell(payload: Buffer): void {
    assert(this.#pending === undefined, 'one command at a time');
    this.#socket.write(encodePackets(0, payload));
  }

  /** A command that is a statement's text. @throws as `ask` */
  askText(command: number, statement: string): Promise<Buffer> {
    return this.ask(Buffer.concat([Buffer.from([command]), Buffer.from(statement, 'utf8')]), statement);
  }

  /**
   * Sends a command and gives the whole answer to it; the answer before must have come.
   * @throws TargetStatementRefused, with the first words of `statement`; BrokerError when the connection is gone
   */
  async ask(payload: Buffer, statement: string): Promise<Buffer> {
    assert(this.#pending === undefined, 'one command at a time');
    if (this.#closed !== undefined) throw this.#closed;
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    this.#pending = { resolve, reject, chunks: [], bytes: 0 };
    this.#tracker.begin(payload.readUInt8(0));
    this.#socket.write(encodePackets(0, payload));
    const response = await promise;
    const { error } = this.#tracker;
    if (error !== undefined) throw new TargetStatementRefused(error.errno, error.sqlState, statement);
    return response;
  }

  /** The rows of the first result of an answer. */
  rowsOf(response: Buffer, command: number): readonly AdminRow[] {
    const [first] = decodeResponse(response, { capabilities: this.#capabilities, command }).results;
    return first?.kind === 'rows' ? first.rows : [];
  }

  /** Says goodbye. Anyone who waits for an answer reads that the connection was closed. */
  quit(): void {
    if (this.#closed === undefined) this.#socket.end(encodePackets(0, Buffer.from([COM_QUIT])));
    this.#fail(unreachable('The connection was closed.'));
  }

  /** Ends it at once, whatever it does. */
  destroy(why: string): void {
    this.#socket.destroy();
    this.#fail(unreachable(why));
  }

  #onData(chunk: Buffer): void {
    const pending = this.#pending;
    if (pending === undefined) return; // a farewell of the server; its close follows
    try {
      this.#tracker.push(chunk);
    } catch (cause) {
      return this.#violated(new BrokerError('target_protocol_violation', { cause }));
    }
    pending.chunks.push(chunk);
    pending.bytes += chunk.length;
    if (this.#tracker.done) {
      this.#pending = undefined;
      pending.resolve(Buffer.concat(pending.chunks));
    } else if (pending.bytes > this.#responseBytesMax) {
      const detail = "The target's answer is larger than the broker accepts.";
      this.#violated(new BrokerError('target_protocol_violation', { detail }));
    }
  }

  #violated(error: BrokerError): void {
    this.#socket.destroy();
    this.#fail(error);
  }

  #fail(error: BrokerError): void {
    this.#closed ??= error;
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.reject(this.#closed);
  }
}

interface PendingAnswer {
  readonly resolve: (response: Buffer) => void;
  readonly reject: (error: BrokerError) => void;
  readonly chunks: Buffer[];
  bytes: number;
}

function unreachable(detail: string): BrokerError {
  return new BrokerError('target_unreachable', { detail });
}

/** MariaDB says so in its version string; every other server that speaks the protocol is taken for MySQL. */
export function flavourOf(version: string): Flavour {
  return /mariadb/i.test(version) ? 'mariadb' : 'mysql';
}
