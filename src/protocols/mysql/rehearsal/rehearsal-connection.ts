import type { Flavour } from '../flavour.js';
import { COM_QUERY, COM_STMT_CLOSE, COM_STMT_PREPARE } from '../wire/commands.js';
import { PayloadWriter } from '../wire/lenenc.js';
import type { ErrPacket } from '../wire/packets.js';
import { OwnConnection, TargetStatementRefused, type AdminLogin } from '../account/own-connection.js';
import { modeText, settingStatements, type SessionSettings } from '../preview/session-settings.js';
import type { SessionScene } from '../judge/judgement.js';
import { quoteIdentifier } from '../account/sql-quote.js';

/** A text, and what its meaning depends on in the session it came from. */
export interface RehearsedText {
  /** As it is analysed: UTF-8. */
  readonly text: Buffer;
  readonly scene: Pick<SessionScene, 'database' | 'dialect'>;
  /** Undefined where they are not known, or no other session can have them. */
  readonly settings: SessionSettings | undefined;
  /** Agreed on with the session's target leg: the answer has the form that its client expects. */
  readonly capabilities: number;
}

/** What the target says of a text when it is prepared. */
export type PreparedOrNot =
  /** The whole answer, with its packets' headers. */
  { readonly kind: 'prepared'; readonly answer: Buffer } | { readonly kind: 'refused'; readonly packet: ErrPacket };

const CONNECT_MS = 3_000;
const RESPONSE_BYTES_MAX = 64 << 20;
const LOCK_WAIT_SECONDS = 1;

/**
 * A session in which texts are prepared and never executed: the only commands that it ever sends for a text of an agent
 * are COM_STMT_PREPARE and COM_STMT_CLOSE.
 */
export class RehearsalConnection {
  readonly #connection: OwnConnection;
  readonly #capabilities: number;
  /** What the session was set to last. */
  #set: string | undefined;
  #database: string | null = null;

  /** @throws BrokerError as connectTarget does, TargetStatementRefused */
  static async open(login: AdminLogin, capabilities: number): Promise<RehearsalConnection> {
    const connection = await OwnConnection.open(login, {
      programName: 'doorwarden rehearsal',
      connectMs: CONNECT_MS,
      responseBytesMax: RESPONSE_BYTES_MAX,
      capabilities,
    });
    try {
      await connection.askText(COM_QUERY, `SET SESSION lock_wait_timeout = ${LOCK_WAIT_SECONDS}`);
      return new RehearsalConnection(connection, capabilities);
    } catch (error) {
      connection.destroy('The rehearsal could not be set up.');
      throw error;
    }
  }

  private constructor(connection: OwnConnection, capabilities: number) {
    this.#connection = connection;
    this.#capabilities = capabilities;
  }

  /** Whether a text of such a session can be prepared here. A session leaves its database for another one, never for none. */
  fits({ capabilities, scene }: RehearsedText): boolean {
    const isLeavable = scene.database !== null || this.#database === null;
    return !this.#connection.isClosed && capabilities === this.#capabilities && isLeavable;
  }

  /** @throws BrokerError when the connection is gone; TargetStatementRefused when the session cannot be set so */
  async prepare(rehearsed: RehearsedText): Promise<PreparedOrNot> {
    const connection = this.#connection;
    await this.#setAs(rehearsed);
    try {
      const command = Buffer.concat([Buffer.from([COM_STMT_PREPARE]), rehearsed.text]);
      const answer = await connection.ask(command, 'PREPARE');
      const { prepared } = connection;
      if (prepared !== undefined) {
        connection.tell(new PayloadWriter().uint8(COM_STMT_CLOSE).uint32(prepared.statementId).finish());
      }
      return { kind: 'prepared', answer };
    } catch (error) {
      const packet = connection.error;
      if (!(error instanceof TargetStatementRefused) || packet === undefined) throw error;
      return { kind: 'refused', packet };
    }
  }

  close(): void {
    this.#connection.destroy('The rehearsal was ended.');
  }

  async #setAs({ scene, settings }: RehearsedText): Promise<void> {
    const { database, dialect } = scene;
    const statements = settingsOf(this.#connection.flavour, dialect.sqlMode, settings);
    const key = JSON.stringify(statements);
    if (key !== this.#set) {
      this.#set = undefined; // until all of them are set
      for (const statement of statements) await this.#connection.askText(COM_QUERY, statement);
      this.#set = key;
    }
    // Each time: what the account may do there is what it was when the session entered.
    if (database !== null) await this.#connection.askText(COM_QUERY, `USE ${quoteIdentifier(database)}`);
    this.#database = database;
  }
}

function settingsOf(
  flavour: Flavour,
  mode: SessionScene['dialect']['sqlMode'],
  settings: SessionSettings | undefined,
): readonly string[] {
  return [
    "SET SESSION sql_mode = '', NAMES utf8mb4",
    ...(settings === undefined ? [`SET SESSION sql_mode = '${modeText(mode)}'`] : settingStatements(settings, flavour)),
  ];
}
