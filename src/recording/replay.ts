import { BrokerError } from '../kernel/errors.js';
import type { Entry, ResponseReference } from './entries.js';
import { eachEntry } from './reader.js';
import type { SealedFile } from './sealed-file.js';
import { SegmentCursor } from './segment-cursor.js';
import type { DecodedResponse, ReplayedEntry } from './transcript.js';

/** Decodes a response of the target's protocol; throws a BrokerError for bytes that are none. */
export type DecodeResponse = (
  response: Buffer,
  options: { readonly capabilities: number; readonly command: string; readonly rowsMax: number },
) => DecodedResponse;

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

/** A response beyond this is not decoded; what is kept of one is far smaller by default. */
const DECODED_BYTES_MAX = 64 * 1024 * 1024;

/** The chosen entries of a sealed recording in order, with their responses decoded. It does not verify. */
export async function* replaySealed(sealed: SealedFile, options: ReplayOptions): AsyncGenerator<ReplayedEntry> {
  const responses = new SegmentCursor((number) => sealed.segment(number));
  const capabilities = new Map<number, number>();
  const to = options.to ?? Number.POSITIVE_INFINITY;
  try {
    for await (const entry of eachEntry(() => sealed.chunks(sealed.entries))) {
      if (entry.seq > to) return;
      if (entry.type === 'session.opened') capabilities.set(entry.session, entry.capabilities);
      if (entry.seq < (options.from ?? 1) || !isOfSession(entry, options.session)) continue;
      yield { entry, response: await responseOf(entry, capabilities, responses, options) };
    }
  } finally {
    await responses.close();
  }
}

function isOfSession(entry: Entry, session: number | undefined): boolean {
  return session === undefined || !('session' in entry) || entry.session === session;
}

async function responseOf(
  entry: Entry,
  capabilities: ReadonlyMap<number, number>,
  responses: SegmentCursor,
  { decodeResponse, rowsMax }: ReplayOptions,
): Promise<ReplayedEntry['response']> {
  if (entry.type !== 'result' || entry.response === undefined || entry.response.kept === 0) return undefined;
  const agreed = capabilities.get(entry.session);
  const bytes = await readResponse(entry.response, responses);
  if (agreed === undefined || bytes === undefined) return 'undecodable';
  try {
    return decodeResponse(bytes, { capabilities: agreed, command: entry.command, rowsMax });
  } catch (error) {
    if (error instanceof BrokerError) return 'undecodable';
    throw error;
  }
}

/** Goes forward to the response's place; undefined when it is not there. */
async function readResponse(response: ResponseReference, responses: SegmentCursor): Promise<Buffer | undefined> {
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
