import type { Socket } from 'node:net';
import type { SqlMode } from '../../domain/statement.js';
import { BrokerError } from '../../kernel/errors.js';
import type { RecordedValue } from '../../recording/entries.js';
import { CLIENT_LONG_PASSWORD, CLIENT_TRANSACTIONS } from '../../wire/mysql/capabilities.js';
import { COM_QUERY, COM_STMT_EXECUTE, COM_STMT_PREPARE } from '../../wire/mysql/commands.js';
import { encodePackets } from '../../wire/mysql/packet.js';
import { ResponseTracker } from '../../wire/mysql/response-tracker.js';
import { decodeResponse } from '../../wire/mysql/result-decoder.js';
import { flavourOf, TargetStatementRefused, type AdminLogin, type AdminRow } from '../admin-connection.js';
import { quoteIdentifier } from '../sql-quote.js';
import { connectTarget, type TargetConnection } from '../target-connection.js';
import { executePayload } from './execute-payload.js';
import { settingStatements, type SessionSettings } from './session-settings.js';

const UTF8MB4_GENERAL_CI = 45;
const CONNECT_TIMEOUT_MS = 3_000;
const RESPONSE_BYTES_MAX = 4 << 20;

/** How a preview's session is set up, so that texts mean what they mean in the session they came from. */
export interface PreviewSession {
  readonly database: string | null;
  readonly sqlMode: SqlMode;
  readonly settings: SessionSettings | undefined;
  readonly statementMsMax: number;
}

/**
 * The session of one preview: it reads in one READ ONLY transaction, and every query goes through the prepared protocol,
 * which takes one statement at a time.
 */
export class PreviewConnection {
  readonly #socket: Socket;
  readonly #tracker: ResponseTracker;
  readonly #capabilities: number;
  #pending: { readonly resolve: (response: Buffer) => void; readonly reject: (error: BrokerError) => void } | undefined;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #closed: BrokerError | undefined;

  /** Logs in and begins the transaction. @throws BrokerError as connectTarget does, TargetStatementRefused */
  static async open(login: AdminLogin, session: PreviewSession): Promise<PreviewConnection> {
    const target = await connectTarget(
      login.endpoint,
      {
        username: login.username,
        password: login.password,
        database: null,
        capabilities: CLIENT_LONG_PASSWORD | CLIENT_TRANSACTIONS,
        collation: UTF8MB4_GENERAL_CI,
        attributes: new Map([['program_name', 'doorwarden preview']]),
      },
      CONNECT_TIMEOUT_MS,
    );
    const preview = new PreviewConnection(target);
    try {
      for (const statement of setUp(target, session)) await preview.#command(COM_QUERY, Buffer.from(statement));
      return preview;
    } catch (error) {
      preview.close();
      throw error;
    }
  }

  private constructor(target: TargetConnection) {
    this.#capabilities = target.capabilities;
    this.#tracker = new ResponseTracker(target.capabilities);
    this.#socket = target.socket;
    this.#socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    this.#socket.on('error', (cause) => this.#fail(new BrokerError('target_unreachable', { cause })));
    this.#socket.on('close', () => this.#fail(new BrokerError('target_unreachable')));
  }

  /** The rows of a query with these values bound. @throws TargetStatementRefused, BrokerError */
  async rows(text: string, values: readonly RecordedValue[]): Promise<readonly AdminRow[]> {
    await this.#command(COM_STMT_PREPARE, Buffer.from(text, 'utf8'));
    const { prepared } = this.#tracker;
    const payload = prepared?.parameterCount === values.length && executePayload(prepared.statementId, values);
    if (!payload) throw new BrokerError('packet_malformed', { detail: 'The bound values do not fit the query.' });
    const response = await this.#send(COM_STMT_EXECUTE, payload, text);
    const decoded = decodeResponse(response, { capabilities: this.#capabilities, command: COM_STMT_EXECUTE });
    const [first] = decoded.results;
    return first?.kind === 'rows' ? first.rows : [];
  }

  /** Ends the session, whatever it does. */
  close(): void {
    this.#socket.destroy();
    this.#fail(new BrokerError('target_unreachable', { detail: 'The preview was ended.' }));
  }

  #command(command: number, text: Buffer): Promise<Buffer> {
    return this.#send(command, Buffer.concat([Buffer.from([command]), text]), text.toString('utf8'));
  }

  async #send(command: number, payload: Buffer, statement: string): Promise<Buffer> {
    if (this.#closed !== undefined) throw this.#closed;
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    this.#pending = { resolve, reject };
    this.#chunks = [];
    this.#bytes = 0;
    this.#tracker.begin(command);
    this.#socket.write(encodePackets(0, payload));
    const response = await promise;
    const { error } = this.#tracker;
    if (error !== undefined) throw new TargetStatementRefused(error.errno, error.sqlState, statement);
    return response;
  }

  #onData(chunk: Buffer): void {
    const pending = this.#pending;
    if (pending === undefined) return; // a farewell of the server; its close follows
    try {
      this.#tracker.push(chunk);
    } catch (cause) {
      this.#socket.destroy();
      this.#fail(new BrokerError('target_protocol_violation', { cause }));
      return;
    }
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#tracker.done) {
      this.#pending = undefined;
      pending.resolve(Buffer.concat(this.#chunks));
    } else if (this.#bytes > RESPONSE_BYTES_MAX) {
      this.#socket.destroy();
      this.#fail(
        new BrokerError('target_protocol_violation', { detail: 'The rows are larger than the broker takes.' }),
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

function setUp(target: TargetConnection, session: PreviewSession): readonly string[] {
  const flavour = flavourOf(target.greeting.serverVersion);
  const limit =
    flavour === 'mariadb'
      ? `SET SESSION max_statement_time = ${session.statementMsMax / 1000}`
      : `SET SESSION max_execution_time = ${session.statementMsMax}`;
  return [
    "SET SESSION sql_mode = '', NAMES utf8mb4",
    limit,
    // A table that someone changes, or has locked, is waited for no longer than it would be counted.
    `SET SESSION lock_wait_timeout = ${Math.max(1, Math.ceil(session.statementMsMax / 1000))}`,
    // On a target whose sessions are SERIALIZABLE, reading would lock what it reads.
    'SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ',
    ...(session.database === null ? [] : [`USE ${quoteIdentifier(session.database)}`]),
    ...(session.settings === undefined
      ? [`SET SESSION sql_mode = '${modeText(session.sqlMode)}'`]
      : settingStatements(session.settings, flavour)),
    'START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY',
  ];
}

function modeText(mode: SqlMode): string {
  const names = [
    mode.ansiQuotes && 'ANSI_QUOTES',
    mode.noBackslashEscapes && 'NO_BACKSLASH_ESCAPES',
    mode.pipesAsConcat && 'PIPES_AS_CONCAT',
    mode.ignoreSpace && 'IGNORE_SPACE',
    mode.highNotPrecedence && 'HIGH_NOT_PRECEDENCE',
  ];
  return names.filter((name) => name !== false).join(',');
}
