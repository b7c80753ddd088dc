import type { SqlMode } from '../sql/text/dialect.js';
import type { Flavour } from '../flavour.js';
import { BrokerError } from '../../../kernel/errors.js';
import type { RecordedValue } from '../../sql/bound-values.js';
import { COM_QUERY, COM_STMT_EXECUTE, COM_STMT_PREPARE } from '../wire/commands.js';
import { OwnConnection, type AdminLogin, type AdminRow } from '../account/own-connection.js';
import { quoteIdentifier } from '../account/sql-quote.js';
import { setTimeLimit } from '../account/time-limit.js';
import { executePayload } from './execute-payload.js';
import { modeText, settingStatements, type SessionSettings } from './session-settings.js';

const OPTIONS = { programName: 'doorwarden preview', connectMs: 3_000, responseBytesMax: 4 << 20 };

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
  readonly #connection: OwnConnection;

  /** Logs in and begins the transaction. @throws BrokerError as connectTarget does, TargetStatementRefused */
  static async open(login: AdminLogin, session: PreviewSession): Promise<PreviewConnection> {
    const connection = await OwnConnection.open(login, OPTIONS);
    const preview = new PreviewConnection(connection);
    try {
      for (const statement of setUp(connection.flavour, session)) {
        await connection.askText(COM_QUERY, statement);
      }
      return preview;
    } catch (error) {
      preview.close();
      throw error;
    }
  }

  private constructor(connection: OwnConnection) {
    this.#connection = connection;
  }

  /** The rows of a query with these values bound. @throws TargetStatementRefused, BrokerError */
  async rows(text: string, values: readonly RecordedValue[]): Promise<readonly AdminRow[]> {
    const connection = this.#connection;
    await connection.askText(COM_STMT_PREPARE, text);
    const { prepared } = connection;
    const payload = prepared?.parameterCount === values.length && executePayload(prepared.statementId, values);
    if (!payload) throw new BrokerError('packet_malformed', { detail: 'The bound values do not fit the query.' });
    return connection.rowsOf(await connection.ask(payload, text), COM_STMT_EXECUTE);
  }

  /** Ends the session, whatever it does. */
  close(): void {
    this.#connection.destroy('The preview was ended.');
  }
}

function setUp(flavour: Flavour, session: PreviewSession): readonly string[] {
  return [
    "SET SESSION sql_mode = '', NAMES utf8mb4",
    setTimeLimit(flavour, session.statementMsMax),
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
