import type { Flavour } from '../flavour.js';
import { COM_QUERY } from '../wire/commands.js';
import type { Greeting } from '../wire/login/handshake.js';
import { OwnConnection, type AdminLogin, type AdminRow } from './own-connection.js';
import type { TargetConnection } from '../login/target-connection.js';

const STATEMENT_TIMEOUT_MS = 10_000;
const OPTIONS = { programName: 'doorwarden', connectMs: 5_000, responseBytesMax: 16 << 20 };

/** The broker's own connection to a target, for making and ending accounts. One statement at a time, in order. */
export class AdminConnection {
  /** Whether GRANT reads `_` and `%` in database names as patterns; with MySQL's partial_revokes it does not. */
  hasDatabasePatterns = true;
  readonly #connection: OwnConnection;
  #queue: Promise<unknown> = Promise.resolve();

  /**
   * Logs in, and sets the session so that {@link ./sql-quote.ts} holds.
   * @throws BrokerError as connectTarget does
   */
  static async open(login: AdminLogin): Promise<AdminConnection> {
    const admin = new AdminConnection(await OwnConnection.open(login, OPTIONS));
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

  private constructor(connection: OwnConnection) {
    this.#connection = connection;
  }

  get flavour(): Flavour {
    return this.#connection.flavour;
  }

  get greeting(): Greeting {
    return this.#connection.greeting;
  }

  get tls(): TargetConnection['tls'] {
    return this.#connection.tls;
  }

  get isClosed(): boolean {
    return this.#connection.isClosed;
  }

  /** Runs a statement for its effect. @throws TargetStatementRefused, BrokerError `target_unreachable` */
  async run(statement: string): Promise<void> {
    await this.#send(statement);
  }

  /** The rows of a statement's first result. */
  async rows(statement: string): Promise<readonly AdminRow[]> {
    return this.#connection.rowsOf(await this.#send(statement), COM_QUERY);
  }

  close(): void {
    this.#connection.quit();
  }

  #send(statement: string): Promise<Buffer> {
    const turn = this.#queue.then(() => this.#ask(statement));
    this.#queue = turn.catch(() => {}); // the one who asked gets the error; the next in line goes on
    return turn;
  }

  async #ask(statement: string): Promise<Buffer> {
    const timer = setTimeout(
      () => this.#connection.destroy('The target did not answer in time.'),
      STATEMENT_TIMEOUT_MS,
    );
    try {
      return await this.#connection.askText(COM_QUERY, statement);
    } finally {
      clearTimeout(timer);
    }
  }
}
