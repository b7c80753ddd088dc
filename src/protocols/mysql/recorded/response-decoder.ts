import { BrokerError } from '../../../kernel/errors.js';
import { COM_STMT_EXECUTE, COM_STMT_FETCH, commandName } from '../wire/commands.js';
import {
  decodeResponse,
  type DecodedResponse,
  type DecodeResponseOptions,
  type RowWindow,
} from '../wire/response/result-decoder.js';
import type { ColumnDefinition } from '../wire/response/result-columns.js';

export interface AnswerDecoderOptions {
  readonly capabilities: number;
  readonly command: string;
  readonly rowsMax: number;
  /** Rows of one result that are given as they came, besides. */
  readonly window?: RowWindow;
  /**
   * The statement whose execution this answers (COM_STMT_EXECUTE), or whose rows these are (COM_STMT_FETCH): the columns
   * of fetched rows are in the response to the execution, which is decoded before.
   */
  readonly execution?: number;
}

/** Decodes a response of the target's protocol; one that is none has no results and is not complete. */
export type DecodeAnswer = (response: Buffer, options: AnswerDecoderOptions) => DecodedResponse;

/** The recording names a command; the decoder wants its byte. */
const COMMANDS = new Map(Array.from({ length: 256 }, (_, byte) => [commandName(byte), byte] as const));

/** Decodes the responses of one recording in order, and remembers the columns of rows that are fetched later. */
export function responseDecoder(): DecodeAnswer {
  const columnsOf = new Map<number, readonly ColumnDefinition[]>();
  return (response, { command: name, capabilities, rowsMax, window, execution }) => {
    const command = COMMANDS.get(name) ?? 0;
    const columns = command === COM_STMT_FETCH && execution !== undefined ? columnsOf.get(execution) : undefined;
    const options = {
      command,
      capabilities,
      rowsMax,
      ...(columns === undefined ? {} : { columns }),
      ...(window === undefined ? {} : { window }),
    };
    const decoded =
      command === COM_STMT_EXECUTE ? decodeExecution(response, options) : decodeLeniently(response, options);
    const [opened] = decoded.results;
    if (command === COM_STMT_EXECUTE && execution !== undefined && opened?.kind === 'rows' && opened.rowCount === 0) {
      columnsOf.set(execution, opened.columns);
    }
    return decoded;
  };
}

/** The recording does not say whether a cursor was asked for; read without one, the response to it seems to break off. */
function decodeExecution(response: Buffer, options: DecodeResponseOptions): DecodedResponse {
  const decoded = decodeLeniently(response, options);
  if (decoded.complete) return decoded;
  const withCursor = decodeLeniently(response, { ...options, cursorRequested: true });
  return withCursor.complete ? withCursor : decoded;
}

const UNREADABLE: DecodedResponse = {
  results: [],
  error: undefined,
  prepared: undefined,
  text: undefined,
  complete: false,
};

/** A target may have sent rows that fit no columns. The recording holds what came; a replay goes on without showing it. */
function decodeLeniently(response: Buffer, options: DecodeResponseOptions): DecodedResponse {
  try {
    return decodeResponse(response, options);
  } catch (error) {
    if (error instanceof BrokerError) return UNREADABLE;
    throw error;
  }
}
