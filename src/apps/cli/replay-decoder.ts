import type { DecodeResponse } from '../../recording/replay.js';
import { COM_STMT_EXECUTE, COM_STMT_FETCH, commandName } from '../../wire/mysql/commands.js';
import { decodeResponse } from '../../wire/mysql/result-decoder.js';
import type { ResultColumn } from '../../wire/mysql/result-columns.js';

/** The recording names a command; the decoder wants its byte. */
const COMMANDS = new Map(Array.from({ length: 256 }, (_, byte) => [commandName(byte), byte] as const));

/** Decodes the responses of one recording in order, and remembers the columns of rows that are fetched later. */
export function responseDecoder(): DecodeResponse {
  const columnsOf = new Map<number, readonly ResultColumn[]>();
  return (response, { command: name, capabilities, rowsMax, execution }) => {
    const command = COMMANDS.get(name) ?? 0;
    const columns = command === COM_STMT_FETCH && execution !== undefined ? columnsOf.get(execution) : undefined;
    const options = { command, capabilities, rowsMax, ...(columns === undefined ? {} : { columns }) };
    const decoded = decodeResponse(response, options);
    if (command !== COM_STMT_EXECUTE || decoded.complete) return decoded;
    // The recording does not say whether a cursor was asked for; without one, this response would go on.
    const withCursor = decodeResponse(response, { ...options, cursorRequested: true });
    const [opened] = withCursor.results;
    if (!withCursor.complete || opened?.kind !== 'rows') return decoded;
    if (execution !== undefined) columnsOf.set(execution, opened.columns);
    return withCursor;
  };
}
