import type { Flavour } from '../domain/target.js';
import { BrokerError } from '../kernel/errors.js';
import { parseSqlMode } from '../sql/dialect.js';
import { COM_QUERY } from '../wire/mysql/commands.js';
import { encodePackets } from '../wire/mysql/packet.js';
import { decodeResponse } from '../wire/mysql/result-decoder.js';
import { bytesOf } from '../domain/character-sets.js';
import type { SessionState } from './session-context.js';

/** The statements that the gateway itself runs in a client's session. They are not the client's and not recorded as such. */

/** The target's own limit comes after the deadline: until then the gateway ends the statement, and says why. */
const STATEMENT_GRACE_MS = 1_000;

/** No statement may outlast the grant, even when nobody is there any more to kill it. */
export function statementTimeLimit(flavour: Flavour, leftMs: number): string {
  const limitMs = Math.max(0, Math.ceil(leftMs)) + STATEMENT_GRACE_MS;
  return flavour === 'mariadb'
    ? `SET SESSION max_statement_time = ${limitMs / 1000}`
    : `SET SESSION max_execution_time = ${limitMs}`;
}

/** Asks what the meaning of this session's texts depends on, and whether it locks what it reads. */
export function readSessionState(flavour: Flavour): string {
  const isolation = flavour === 'mariadb' ? 'tx_isolation' : 'transaction_isolation';
  return `SELECT @@SESSION.sql_mode, @@SESSION.character_set_client, @@SESSION.character_set_connection,
    @@SESSION.${isolation}`;
}

/**
 * Reads the answer to {@link readSessionState}.
 * @throws BrokerError `target_protocol_violation`
 */
export function sessionStateOf(response: Buffer, capabilities: number): SessionState {
  const [result] = decodeResponse(response, { capabilities, command: COM_QUERY }).results;
  const row = result?.kind === 'rows' ? result.rows[0] : undefined;
  const [sqlMode, characterSet, connectionSet, isolation] = row ?? [];
  if (
    typeof sqlMode !== 'string' ||
    typeof characterSet !== 'string' ||
    typeof connectionSet !== 'string' ||
    typeof isolation !== 'string'
  ) {
    throw new BrokerError('target_protocol_violation', { detail: 'The target did not say how its session is set.' });
  }
  const isSerializable = isolation.toUpperCase() === 'SERIALIZABLE';
  return { sqlMode: parseSqlMode(sqlMode), characterSet, connectionSet, isSerializable };
}

/**
 * A COM_QUERY of the gateway's own, as it goes over the wire in a session of this character set.
 * @throws BrokerError `statement_not_utf8` when it holds what cannot be said there, such as the name of a database
 */
export function ownCommand(statement: string, characterSet: string): Buffer {
  const bytes = bytesOf(statement, characterSet);
  if (bytes === undefined) throw new BrokerError('statement_not_utf8', { detail: NOT_SAYABLE });
  return encodePackets(0, Buffer.concat([Buffer.from([COM_QUERY]), bytes]));
}

const NOT_SAYABLE = "The session's character set lacks a character of the name of its database.";

/** Around a statement that is rolled back when it changes more rows than were approved. */
export interface RowLimitBracket {
  readonly begin: string;
  readonly keep: string;
  readonly undo: string;
}

const SAVEPOINT = '`doorwarden_row_limit`';

/** A transaction of its own, or a savepoint where one is open or the client does not commit each statement. */
export function rowLimitBracket(commitsEachStatement: boolean): RowLimitBracket {
  return commitsEachStatement
    ? { begin: 'START TRANSACTION', keep: 'COMMIT', undo: 'ROLLBACK' }
    : {
        begin: `SAVEPOINT ${SAVEPOINT}`,
        keep: `RELEASE SAVEPOINT ${SAVEPOINT}`,
        undo: `ROLLBACK TO SAVEPOINT ${SAVEPOINT}`,
      };
}
