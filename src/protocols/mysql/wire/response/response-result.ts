import { PayloadReader, type Uint64 } from '../lenenc.js';
import type { OkPacket } from '../packets.js';
import { violation } from '../wire-error.js';

/** Both servers have at most 4096 columns in a table and in a result. */
export const COLUMNS_MAX = 4096;
const PREPARE_OK_PAYLOAD_BYTES = 12;
/** The place of the byte of that head which is always 0. */
const PREPARE_OK_FILLER_AT = 9;

/** What came of a statement. A procedure gives several in one response. */
export type ResponseResult =
  | {
      readonly kind: 'ok';
      readonly affectedRows: Uint64;
      readonly lastInsertId: Uint64;
      readonly warnings: number;
      readonly status: number;
      readonly info: string;
      /** For decodeSessionState; undefined when the server reports no change. */
      readonly sessionState: Buffer | undefined;
    }
  | {
      readonly kind: 'rows';
      /** 0 for COM_STMT_FETCH, whose response does not say it. */
      readonly columns: number;
      readonly rows: number;
      readonly warnings: number;
      readonly status: number;
      readonly sessionState: Buffer | undefined;
      /** The rows stay at the server and come with COM_STMT_FETCH. */
      readonly cursor?: true;
    };

/** What the server says of a statement that it has prepared. */
export interface PreparedHead {
  readonly statementId: number;
  readonly parameterCount: number;
  readonly columnCount: number;
  readonly warnings: number;
}

/** The result that an OK packet is. */
export function okResult(ok: OkPacket): ResponseResult {
  return {
    kind: 'ok',
    affectedRows: ok.affectedRows,
    lastInsertId: ok.lastInsertId,
    warnings: ok.warnings,
    status: ok.statusFlags,
    info: ok.info,
    sessionState: copied(ok.sessionState),
  };
}

/**
 * The head of a statement that was prepared; undefined for a payload that has not the form of one.
 * @throws BrokerError `target_protocol_violation`
 */
export function decodePreparedHead(payload: Buffer): PreparedHead | undefined {
  if (payload.length !== PREPARE_OK_PAYLOAD_BYTES || payload[PREPARE_OK_FILLER_AT] !== 0) return undefined;
  const reader = new PayloadReader(payload, 'target_protocol_violation', 1);
  const statementId = reader.uint32();
  const columnCount = reader.uint16();
  const parameterCount = reader.uint16();
  reader.skip(1);
  if (columnCount > COLUMNS_MAX) throw violation('There are too many columns.');
  return { statementId, parameterCount, columnCount, warnings: reader.uint16() };
}

/** A view would keep the whole chunk that it came in, rows of other results included. */
export function copied(bytes: Buffer | undefined): Buffer | undefined {
  return bytes === undefined ? undefined : Buffer.from(bytes);
}
