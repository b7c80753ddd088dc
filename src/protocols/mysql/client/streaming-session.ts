import { type Connection, type FieldPacket, type Query, type ResultSetHeader, Types } from 'mysql2';
import type { ConnectionView } from '../../../contracts/grants/grant.js';
import {
  type ColumnKind,
  type ResultColumn,
  type ResultRow,
  StatementFailure,
  type StatementSession,
} from '../../../protocol/statement-session.js';
import { doneOf, driverErrorOf, typeNameOf } from './driver-answers.js';
import { dropSession, openSession } from './endpoint-session.js';
import { ResultQueue } from './result-queue.js';

/** Of the character sets, the one that says that bytes are no text. */
const BINARY = 63;

const KINDS: Readonly<Record<number, ColumnKind>> = {
  [Types.TINY]: 'whole',
  [Types.SHORT]: 'whole',
  [Types.INT24]: 'whole',
  [Types.LONG]: 'whole',
  [Types.LONGLONG]: 'whole',
  [Types.YEAR]: 'whole',
  [Types.DECIMAL]: 'decimal',
  [Types.NEWDECIMAL]: 'decimal',
  [Types.FLOAT]: 'floating',
  [Types.DOUBLE]: 'floating',
  [Types.BIT]: 'bytes',
  [Types.GEOMETRY]: 'bytes',
};
/** Types of texts that are bytes when their character set says so; others are texts then, such as dates. */
const MAYBE_BYTES: ReadonlySet<number> = new Set([
  Types.VARCHAR,
  Types.VAR_STRING,
  Types.STRING,
  Types.TINY_BLOB,
  Types.MEDIUM_BLOB,
  Types.LONG_BLOB,
  Types.BLOB,
  242, // VECTOR of MySQL 9
]);

/** @throws StatementFailure */
export async function openStreamingSession(view: ConnectionView): Promise<StatementSession> {
  const connection = await openSession(view).catch((error: unknown) => {
    throw failureOf(error);
  });
  let asked: ResultQueue | undefined;
  return {
    ask(statement) {
      asked = new ResultQueue(connection);
      send(connection, statement, asked);
      return asked.results();
    },
    close: () => new Promise<void>((closed) => connection.end(() => closed())),
    destroy() {
      dropSession(connection);
      asked?.fail(new StatementFailure('The session was ended.', null)); // the driver says nothing then
    },
  };
}

function send(connection: Connection, sql: string, queue: ResultQueue): void {
  const query: Query = connection.query({ sql, rowsAsArray: true, typeCast: false });
  query.on('fields', (fields: readonly FieldPacket[] | undefined) => {
    if (fields !== undefined) queue.begin(fields.map(columnOf));
  });
  query.on('result', (result: unknown) => {
    if (Array.isArray(result)) queue.row(result as ResultRow);
    else queue.done(doneOf(result as ResultSetHeader));
  });
  query.on('error', (error) => queue.fail(failureOf(error)));
  query.on('end', () => queue.end());
}

function columnOf({ name, columnType, characterSet }: FieldPacket & { readonly characterSet?: number }): ResultColumn {
  const isBytes = columnType !== undefined && characterSet === BINARY && MAYBE_BYTES.has(columnType);
  const kind = columnType === undefined ? undefined : KINDS[columnType];
  return { name, type: typeNameOf(columnType), kind: isBytes ? 'bytes' : (kind ?? 'text') };
}

function failureOf(error: unknown): StatementFailure {
  const { errno, state, code, message, refusal } = driverErrorOf(error);
  if (refusal !== undefined) return new StatementFailure(refusal.message, refusal.code, error);
  const told = state === null ? message : `ERROR ${errno} (${state}): ${message}`;
  return new StatementFailure(told, code, error);
}
