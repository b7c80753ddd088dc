import type { TypedEntry } from '../entries/entries.js';
import type { EntryReader } from '../entries/entry-reader.js';
import type { EntrySource } from '../verify/reader.js';
import { parsedLine, rawLines } from './raw-lines.js';

const OPENED = '"type":"session.opened"';

/**
 * The entry that opened a session, which says how its bytes are read. With the place from an index it is read there; where
 * that is another entry, or no place is known, the lines before the entry `before` are looked through from the first.
 */
export async function sessionOpening(
  source: EntrySource,
  reader: EntryReader,
  { session, before, at }: { readonly session: number; readonly before: number; readonly at: number | undefined },
): Promise<TypedEntry<'session.opened'> | undefined> {
  const places: readonly (readonly [number, number])[] = [
    ...(at === undefined ? [] : [[at, at + 1] as const]),
    [1, before],
  ];
  for (const [from, end] of places) {
    reading: for await (const lines of rawLines(source, from)) {
      for (const raw of lines) {
        if (raw.seq >= end) break reading;
        if (!raw.line.includes(OPENED)) continue;
        const { entry } = parsedLine(reader, raw);
        if (entry.type === 'session.opened' && entry.session === session) return entry;
      }
    }
  }
  return undefined;
}
