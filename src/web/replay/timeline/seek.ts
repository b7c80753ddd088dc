import type { QueryClient } from '@tanstack/react-query';
import type { RecordingMarks } from '../../../contracts/recordings/recording-marks.js';
import { entryLines, isOperation, type EntryLine } from '../entries/entry-line.js';
import { bracketOf, guessBetween, type Moment } from './jumps.js';
import { PAGE_ENTRIES, pageQuery, readEntries } from '../replay-calls.js';

const GUESSES_MAX = 24;
const READS_MAX = 200;

/** The last entry that was made at or before a moment of the recording. */
export async function entryAtTime(
  client: QueryClient,
  grant: string,
  marks: RecordingMarks,
  us: number,
): Promise<number> {
  const last = { seq: marks.entries, monoUs: marks.durationUs };
  if (us >= last.monoUs) return last.seq;
  let { low, high } = bracketOf(marks.marks, us, last);
  for (let guesses = 0; guesses < GUESSES_MAX && high.seq - low.seq > 1; guesses += 1) {
    const page = Math.floor((low.seq - 1) / PAGE_ENTRIES);
    if (Math.floor((high.seq - 1) / PAGE_ENTRIES) === page || high.seq - low.seq < PAGE_ENTRIES / 4) {
      const lines = await client.ensureQueryData(pageQuery(grant, page));
      return lines.findLast(({ monoUs }) => monoUs <= us)?.seq ?? low.seq;
    }
    // Every other time the middle: where entries come in crowds, a guess by time alone creeps.
    const seq = guesses % 2 === 0 ? guessBetween(low, high, us) : Math.floor((low.seq + high.seq) / 2);
    const moment = await momentOf(client, grant, seq);
    if (moment.monoUs <= us) low = moment;
    else high = moment;
  }
  return low.seq;
}

async function momentOf(client: QueryClient, grant: string, seq: number): Promise<Moment> {
  const known = knownLine(client, grant, seq);
  if (known !== undefined) return known;
  const [line] = entryLines(await readEntries(grant, { from: seq, limit: 1 }));
  return line === undefined ? { seq, monoUs: Infinity } : { seq, monoUs: line.monoUs };
}

export function knownLine(client: QueryClient, grant: string, seq: number): EntryLine | undefined {
  const lines = client.getQueryData(pageQuery(grant, Math.floor((seq - 1) / PAGE_ENTRIES)).queryKey);
  return lines?.[(seq - 1) % PAGE_ENTRIES];
}

/** The next statement from an entry, or the one before it; undefined when there is none. */
export async function statementFrom(
  client: QueryClient,
  grant: string,
  from: number,
  way: 'next' | 'previous',
): Promise<number | undefined> {
  const page = client.getQueryData(pageQuery(grant, Math.floor((from - 1) / PAGE_ENTRIES)).queryKey) ?? [];
  const near =
    way === 'next'
      ? page.find((line) => line.seq > from && isOperation(line))
      : page.findLast((line) => line.seq < from && isOperation(line));
  if (near !== undefined) return near.seq;
  let place: number | null = way === 'next' ? Math.max(from, page.at(-1)?.seq ?? 0) : (page[0]?.seq ?? from);
  for (let reads = 0; reads < READS_MAX && place !== null && place > 0; reads += 1) {
    const bound: Record<string, number> = way === 'next' ? { after: place } : { before: place };
    const answer = await readEntries(grant, { type: 'operation', limit: 1, ...bound });
    const [line] = entryLines(answer);
    if (line !== undefined) return line.seq;
    place = way === 'next' ? answer.next : answer.previous;
  }
  return undefined;
}
