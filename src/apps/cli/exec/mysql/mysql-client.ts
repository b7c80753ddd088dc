import { type Connection, createConnection, type FieldPacket, type Query, type ResultSetHeader, Types } from 'mysql2';
import { statementRefusal } from '../../../../client/held-statement.js';
import type { ConnectionView } from '../../../../contracts/grant.js';
import { dropSession } from '../../../../protocols/mysql/client/endpoint-session.js';
import {
  type ColumnKind,
  type ResultColumn,
  type ResultRow,
  type StatementClient,
  StatementFailure,
  type StatementResult,
} from '../statement-client.js';
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
export async function connectMysql({
  host,
  port,
  username,
  password,
  database,
  tls,
}: ConnectionView): Promise<StatementClient> {
  const connection = createConnection({
    host,
    port,
    user: username,
    password,
    ...(database === null ? {} : { database }),
    ssl: { ca: tls.ca, verifyIdentity: true },
    flags: ['-LOCAL_FILES'],
    supportBigNumbers: true,
    bigNumberStrings: true,
  });
  connection.on('error', () => undefined); // the one who asks something then is told
  await new Promise<void>((connected, failed) => {
    connection.connect((error) => (error === null ? connected() : failed(failureOf(error))));
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

function columnOf({
  name,
  columnType = -1,
  characterSet,
}: FieldPacket & { readonly characterSet?: number }): ResultColumn {
  const isBytes = characterSet === BINARY && MAYBE_BYTES.has(columnType);
  const type = Types[columnType as keyof typeof Types];
  return {
    name,
    type: String(type ?? 'unknown').toLowerCase(),
    kind: isBytes ? 'bytes' : (KINDS[columnType] ?? 'text'),
  };
}

function doneOf({ affectedRows, insertId, warningStatus }: ResultSetHeader): StatementResult {
  const id = String(insertId);
  return {
    kind: 'done',
    affectedRows: String(affectedRows),
    insertId: id === '0' ? null : id,
    warnings: warningStatus,
  };
}

interface ServerError extends Error {
  readonly errno?: number | undefined;
  readonly sqlState?: string | undefined;
  readonly code?: string | undefined;
}

function failureOf(error: ServerError): StatementFailure {
  const refusal = statementRefusal(error);
  if (refusal !== undefined) return new StatementFailure(refusal.message, refusal.code, error);
  const { sqlState, errno, code = null, message } = error;
  const told = sqlState === undefined ? message : `ERROR ${errno} (${sqlState}): ${message}`;
  return new StatementFailure(told, code, error);
}
