import type { BytesReference, Entry } from '../entries/entries.js';
import type { ReadEntry } from '../entries/entry-reader.js';
import { recordedProtocols, type RecordedProtocol, type RecordedProtocols } from '../recorded-protocol.js';
import type { SealedFile } from '../seal/sealed-file.js';
import { eachLine, type EntrySource, unreadableEntry } from '../verify/reader.js';
import { SegmentCursor } from '../verify/segment-cursor.js';
import { followedFrom } from './replay-start.js';
import type { ReplayedEntry, ResponseBytes, Teller } from './teller.js';

export interface ReplayOptions {
  /** The recording's own: its schemas say what bodies may be. */
  readonly protocol: RecordedProtocol;
  readonly teller: Teller;
  /** Only entries of this session, and those of the grant. */
  readonly session?: number | undefined;
  /** First and last entry. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** More of a response is not read into memory; what is kept of one is far less by default. */
const READ_BYTES_MAX = 64 * 1024 * 1024;

/**
 * The chosen entries of a sealed recording in order, with what they say. It does not verify. What came before the sessions
 * that they are of is not read.
 */
export async function* replaySealed(sealed: SealedFile, options: ReplayOptions): AsyncGenerator<ReplayedEntry> {
  const { teller, session, from = 1, to = Number.POSITIVE_INFINITY } = options;
  const responses = new SegmentCursor((number) => sealed.segment(number));
  const lines = (fromSeq: number): AsyncIterable<Buffer> => sealed.lines(fromSeq);
  const protocols = recordedProtocols([options.protocol]);
  const start = await followedFrom(lines, { session, from, to });
  try {
    if (start > 1) teller.follow(await firstOf(lines, protocols));
    for await (const read of eachLine(lines, protocols, start)) {
      const { entry } = read;
      if (entry.seq > to) return;
      teller.follow(entry);
      if (!isOfSession(entry, session)) continue;
      const isChosen = entry.seq >= from;
      if (!isChosen && !(entry.type === 'result' && teller.isNeededLater(entry))) continue;
      const replayed = replayedEntry(read, teller, await responseOf(entry, responses));
      if (isChosen) yield replayed;
    }
  } finally {
    await responses.close();
  }
}

/** What the grant was opened with. */
async function firstOf(source: EntrySource, protocols: RecordedProtocols): Promise<Entry> {
  for await (const { entry } of eachLine(source, protocols)) return entry;
  throw unreadableEntry(1);
}

/** An entry with what it says. The teller has followed it. */
export function replayedEntry({ entry, written }: ReadEntry, teller: Teller, response: ResponseBytes): ReplayedEntry {
  switch (entry.type) {
    case 'operation':
      return { kind: 'operation', entry, written, told: teller.operation(entry) };
    case 'note':
      return { kind: 'note', entry, written, told: teller.note(entry) };
    case 'forwarded':
      return { kind: 'forwarded', entry, written, told: teller.body(entry) };
    case 'result':
      return { kind: 'result', entry, written, told: teller.result(entry, response) };
    default:
      return { kind: 'other', entry, written, told: teller.body(entry) };
  }
}

function isOfSession(entry: Entry, session: number | undefined): boolean {
  return session === undefined || !('session' in entry) || entry.session === session;
}

async function responseOf(entry: Entry, responses: SegmentCursor): Promise<ResponseBytes> {
  if (entry.type !== 'result' || entry.response === undefined || entry.response.kept === 0) return undefined;
  return (await readResponse(entry.response, responses)) ?? 'unreadable';
}

/** Goes forward to the response's place; undefined when it is not there. */
async function readResponse(response: BytesReference, responses: SegmentCursor): Promise<Buffer | undefined> {
  if (response.kept > READ_BYTES_MAX) return undefined;
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
