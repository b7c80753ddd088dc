import { BrokerError } from '../../../kernel/errors.js';
import type { BytesReference } from '../../../recording/entries/entries.js';
import type { SealedFile } from '../../../recording/seal/sealed-file.js';
import { recordedProtocols } from '../../../recording/recorded-protocol.js';
import { eachLine, unreadableEntry } from '../../../recording/verify/reader.js';
import { SegmentCursor } from '../../../recording/verify/segment-cursor.js';
import type { MysqlEntry } from './bodies.js';
import { isMysqlEntry } from './body-schemas.js';
import { MYSQL_RECORDED } from './recorded.js';
import type { DecodedResponse, ReplayedEntry } from './transcript.js';

export interface DecodeResponseOptions {
  readonly capabilities: number;
  readonly command: string;
  readonly rowsMax: number;
  /**
   * The statement whose execution this answers (COM_STMT_EXECUTE), or whose rows these are (COM_STMT_FETCH): the columns
   * of fetched rows are in the response to the execution, which is decoded before.
   */
  readonly execution?: number;
}

/** Decodes a response of the target's protocol; throws a BrokerError for bytes that are none. */
export type DecodeResponse = (response: Buffer, options: DecodeResponseOptions) => DecodedResponse;

export interface ReplayOptions {
  readonly decodeResponse: DecodeResponse;
  /** Only entries of this session, and those of the grant. */
  readonly session?: number;
  /** First and last entry. */
  readonly from?: number;
  readonly to?: number;
  /** Rows that are decoded of each result. */
  readonly rowsMax: number;
}

const PROTOCOLS = recordedProtocols([MYSQL_RECORDED]);

/** A response beyond this is not decoded; what is kept of one is far smaller by default. */
const DECODED_BYTES_MAX = 64 * 1024 * 1024;

/** The chosen entries of a sealed recording in order, with their responses decoded. It does not verify. */
export async function* replaySealed(sealed: SealedFile, options: ReplayOptions): AsyncGenerator<ReplayedEntry> {
  const responses = new SegmentCursor((number) => sealed.segment(number));
  const sessions = new Map<number, SessionReplay>();
  const to = options.to ?? Number.POSITIVE_INFINITY;
  try {
    for await (const { entry, written } of eachLine(() => sealed.lines(), PROTOCOLS)) {
      if (entry.seq > to) return;
      if (!isMysqlEntry(entry)) throw unreadableEntry(entry.seq);
      if (entry.type === 'session.opened') sessions.set(entry.session, new SessionReplay(entry.body.capabilities));
      const session = 'session' in entry ? sessions.get(entry.session) : undefined;
      session?.follow(entry);
      if (!isOfSession(entry, options.session)) continue;
      const chosen = entry.seq >= (options.from ?? 1);
      // Rows that are fetched later need the columns.
      if (!chosen && !opensCursor(entry)) continue;
      const response = await responseOf(entry, session, responses, options);
      if (chosen) yield { entry, written, response };
    }
  } finally {
    await responses.close();
  }
}

/** What the entries of a session so far say about how to decode its next response. */
class SessionReplay {
  readonly capabilities: number;
  /** The last execution of each prepared statement, by the number of the statement that prepared it. */
  readonly #executions = new Map<number, number>();
  #execution: number | undefined;

  constructor(capabilities: number) {
    this.capabilities = capabilities;
  }

  /** The statement that the session executes or fetches rows of. */
  get execution(): number | undefined {
    return this.#execution;
  }

  follow(entry: MysqlEntry): void {
    if (entry.type === 'operation') {
      const { prepared } = entry.body;
      this.#execution = entry.name === 'COM_STMT_EXECUTE' ? entry.operation : undefined;
      if (prepared !== undefined) this.#executions.set(prepared, entry.operation);
    } else if (entry.type === 'note') {
      this.#execution =
        entry.name === 'COM_STMT_FETCH' ? this.#executions.get(Number(entry.body?.argument)) : undefined;
    }
  }
}

/** An execution that was answered without rows may have left them for COM_STMT_FETCH. */
function opensCursor(entry: MysqlEntry): boolean {
  return (
    entry.type === 'result' &&
    entry.name === 'COM_STMT_EXECUTE' &&
    entry.body.results.some((part) => part.kind === 'rows' && part.rows === 0)
  );
}

function isOfSession(entry: MysqlEntry, session: number | undefined): boolean {
  return session === undefined || !('session' in entry) || entry.session === session;
}

async function responseOf(
  entry: MysqlEntry,
  session: SessionReplay | undefined,
  responses: SegmentCursor,
  { decodeResponse, rowsMax }: ReplayOptions,
): Promise<ReplayedEntry['response']> {
  if (entry.type !== 'result' || entry.response === undefined || entry.response.kept === 0) return undefined;
  const bytes = await readResponse(entry.response, responses);
  if (session === undefined || bytes === undefined) return 'undecodable';
  const { capabilities, execution } = session;
  try {
    return decodeResponse(bytes, {
      capabilities,
      command: entry.name,
      rowsMax,
      ...(execution === undefined ? {} : { execution }),
    });
  } catch (error) {
    if (error instanceof BrokerError) return 'undecodable';
    throw error;
  }
}

/** Goes forward to the response's place; undefined when it is not there. */
async function readResponse(response: BytesReference, responses: SegmentCursor): Promise<Buffer | undefined> {
  if (response.kept > DECODED_BYTES_MAX) return undefined;
  while (responses.segment < response.segment) {
    await responses.close();
    responses.next();
  }
  if (responses.segment !== response.segment || responses.offset > response.offset) return undefined;
  const parts: Buffer[] = [];
  const there =
    (await responses.take(response.offset - responses.offset, () => undefined)) &&
    (await responses.take(response.kept, (bytes) => {
      parts.push(bytes);
    }));
  return there ? Buffer.concat(parts) : undefined;
}
