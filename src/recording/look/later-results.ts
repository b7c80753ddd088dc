import type { ChainFields, ResultEntry, TypedEntry } from '../entries/entries.js';
import type { EntryReader } from '../entries/entry-reader.js';
import type { Teller } from '../replay/teller.js';
import type { EntrySource } from '../verify/reader.js';
import { parsedLine, rawLines } from './raw-lines.js';

/** Results that are listed, and lines that are looked through for them. */
const LATER_MAX = 100;
const LOOKED_MAX = 50_000;

/**
 * Results that come later with rows of the same operation, which the client fetched. The teller has followed the session's
 * opening, the operation and its result, and follows the session on.
 */
export async function* laterResults(
  source: EntrySource,
  reader: EntryReader,
  {
    teller,
    operation,
    after,
  }: { readonly teller: Teller; readonly operation: TypedEntry<'operation'>; readonly after: number },
): AsyncGenerator<ChainFields & ResultEntry> {
  const ofSession = `"session":${operation.session}`;
  let count = 0;
  let isOurs = false;
  for await (const lines of rawLines(source, after + 1)) {
    for (const raw of lines) {
      if (count >= LATER_MAX || raw.seq - after > LOOKED_MAX) return;
      if (!raw.line.includes(ofSession)) continue;
      const { entry } = parsedLine(reader, raw);
      if (!('session' in entry) || entry.session !== operation.session) continue;
      teller.follow(entry);
      if (entry.type === 'session.closed') return;
      if (entry.type === 'note') isOurs = teller.fetchesOf?.(entry) === operation.operation;
      else if (entry.type === 'operation') isOurs = false;
      else if (entry.type === 'result' && isOurs && entry.operation === undefined) {
        count += 1;
        isOurs = false;
        yield entry;
      }
    }
  }
}
