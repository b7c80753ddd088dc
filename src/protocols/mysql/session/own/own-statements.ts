import { setTimeLimit, timeLimitMs } from '../../account/time-limit.js';
import type { Flavour } from '../../flavour.js';
import { BrokerError } from '../../../../kernel/errors.js';
import { parseSqlMode } from '../../sql/text/dialect.js';
import { COM_QUERY, COM_STMT_PREPARE } from '../../wire/commands.js';
import { encodePackets, PACKET_HEADER_BYTES, PACKET_PAYLOAD_BYTES_MAX } from '../../wire/packet.js';
import { decodeResponse } from '../../wire/response/result-decoder.js';
import { bytesOf } from '../../charset/character-sets.js';
import type { ToldSession } from '../session-context.js';

/** The statements that the gateway itself runs in a client's session. They are not the client's and not recorded as such. */

/** The target's own limit comes after the deadline: until then the gateway ends the statement, and says why. */
const STATEMENT_GRACE_MS = 1_000;

/** No statement may outlast the grant, even when nobody is there any more to kill it. */
export function statementTimeLimit(flavour: Flavour, leftMs: number): string {
  const limitMs = Math.max(0, Math.ceil(leftMs)) + STATEMENT_GRACE_MS;
  return setTimeLimit(flavour, limitMs);
}

/**
 * Whether the answer to `readTimeLimit` says that a statement may outlast the grant.
 * @throws BrokerError `target_protocol_violation`
 */
export function outlasts(
  response: Buffer,
  {
    flavour,
    leftMs,
    capabilities,
  }: { readonly flavour: Flavour; readonly leftMs: number; readonly capabilities: number },
): boolean {
  const [limit] = rowOf(response, capabilities);
  return isBeyond(timeLimitMs(flavour, limit), leftMs);
}

/** Whether a limit is none, or further than the broker's own. */
export function isBeyond(limitMs: number, leftMs: number): boolean {
  return !(limitMs > 0 && limitMs <= leftMs + STATEMENT_GRACE_MS);
}

/**
 * Asks what the meaning of this session's texts depends on, and whether it locks what it reads; its own LIMIT holds
 * against `sql_select_limit`.
 */
export function readSessionState(flavour: Flavour): string {
  const isolation = flavour === 'mariadb' ? 'tx_isolation' : 'transaction_isolation';
  return `SELECT @@SESSION.sql_mode, @@SESSION.character_set_client, @@SESSION.character_set_connection,
    @@SESSION.${isolation} LIMIT 1`;
}

/**
 * Reads the answer to {@link readSessionState}.
 * @throws BrokerError `target_protocol_violation`
 */
export function sessionStateOf(response: Buffer, capabilities: number): ToldSession {
  const [sqlMode, characterSet, connectionSet, isolation] = rowOf(response, capabilities);
  if (
    typeof sqlMode !== 'string' ||
    typeof characterSet !== 'string' ||
    typeof connectionSet !== 'string' ||
    typeof isolation !== 'string'
  ) {
    throw unsaid();
  }
  const isSerializable = isolation.toUpperCase() === 'SERIALIZABLE';
  const modes = new Set(sqlMode.toUpperCase().split(','));
  return { sqlMode: parseSqlMode(sqlMode), modes, characterSet, connectionSet, isSerializable };
}

function rowOf(response: Buffer, capabilities: number): readonly (string | null)[] {
  const [result] = decodeResponse(response, { capabilities, command: COM_QUERY }).results;
  const row = result?.kind === 'rows' ? result.rows[0] : undefined;
  if (row === undefined) throw unsaid();
  return row;
}

function unsaid(): BrokerError {
  return new BrokerError('target_protocol_violation', {
    detail: 'The target did not say how its session is configured.',
  });
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

const NOT_SAYABLE = "The session's character set does not have a character of the name of its database.";

/** COM_STMT_PREPARE of the gateway's own. */
export function ownPrepare(text: Buffer): Buffer {
  return encodePackets(0, Buffer.concat([Buffer.from([COM_STMT_PREPARE]), text]));
}

/** Of a command in packets that count from 0: its answer counts on from it. */
export function lastSequenceIdOf(wire: Buffer): number {
  return Math.floor((wire.length - 1) / (PACKET_HEADER_BYTES + PACKET_PAYLOAD_BYTES_MAX)) & 0xff;
}

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
