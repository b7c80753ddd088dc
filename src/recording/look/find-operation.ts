import type { TypedEntry } from '../entries/entries.js';
import type { EntryReader, ReadEntry } from '../entries/entry-reader.js';
import type { EntrySource } from '../verify/reader.js';
import { lastSeq, parsedLine, type RawLine, rawLines } from './raw-lines.js';

export type ReadOperation = ReadEntry & { readonly entry: TypedEntry<'operation'> };

/** Lines that are read from one place on, once an operation was seen; a guess aims a little before the entry. */
const WINDOW_LINES = 1_000;
const AIM_BEFORE = 200;
const ENTRIES_PER_OPERATION = 2;

/** The operation stands at `low` or after it and before `high`; `smaller` is before `low`, and `larger` at `high` or after. */
interface Bounds {
  low: number;
  high: number;
  smaller: number;
  larger: number;
}

/**
 * Finds the operation of a number. Operations are numbered in the order of their entries, so that any that is read says on
 * which side of it to go on: by a guess from how far apart two known ones are, and every other time in the middle.
 */
export async function findOperation(
  source: EntrySource,
  reader: EntryReader,
  number: number,
): Promise<ReadOperation | undefined> {
  const bounds: Bounds = { low: 1, high: (await lastSeq(source)) + 1, smaller: 0, larger: Number.POSITIVE_INFINITY };
  for (let isGuess = true; bounds.low < bounds.high; isGuess = !isGuess) {
    const from = isGuess ? guessed(bounds, number) : Math.floor((bounds.low + bounds.high) / 2);
    const found = await look(source, reader, { number, from, bounds });
    if (found !== undefined) return found;
  }
  return undefined;
}

function guessed({ low, high, smaller, larger }: Bounds, number: number): number {
  const known = smaller > 0 ? low / smaller : ENTRIES_PER_OPERATION;
  const apart = Number.isFinite(larger) ? (high - low) / (larger - smaller) : known;
  const aim = Math.floor(low + (number - smaller - 1) * apart) - AIM_BEFORE;
  return Math.min(Math.max(aim, low), high - 1);
}

/** Reads from one place on, and narrows the bounds by what it sees there. */
async function look(
  source: EntrySource,
  reader: EntryReader,
  { number, from, bounds }: { readonly number: number; readonly from: number; readonly bounds: Bounds },
): Promise<ReadOperation | undefined> {
  let seen = false;
  for await (const lines of rawLines(source, from)) {
    for (const raw of lines) {
      if (raw.seq >= bounds.high || (seen && raw.seq >= from + WINDOW_LINES)) break;
      const operation = operationOf(reader, raw);
      if (operation === undefined) continue;
      if (operation.entry.operation === number) return operation;
      if (operation.entry.operation > number) {
        // Before it there is none that was not seen; and none at all where a smaller one was seen just before.
        bounds.high = seen ? bounds.low : from;
        bounds.larger = operation.entry.operation;
        return undefined;
      }
      seen = true;
      bounds.low = raw.seq + 1;
      bounds.smaller = operation.entry.operation;
    }
    const last = lines.at(-1)?.seq ?? 0;
    if (last >= bounds.high - 1 || (seen && last >= from + WINDOW_LINES)) break;
  }
  if (!seen) bounds.high = from;
  return undefined;
}

const OPERATION = '"type":"operation"';

function operationOf(reader: EntryReader, raw: RawLine): ReadOperation | undefined {
  if (reader.format === 2 && !raw.line.includes(OPERATION)) return undefined;
  const { entry, written } = parsedLine(reader, raw);
  return entry.type === 'operation' ? { entry, written } : undefined;
}
