import type { FileHandle } from 'node:fs/promises';
import type { FileRange } from './file-chunks.js';
import { seqOfLine } from './lines.js';

/** Reading so much from one place on costs less than looking for a nearer place. */
const NEAR_BYTES = 64 * 1024;
const PROBE_BYTES = 16 * 1024;
/** Where a line is longer than this, the search stays before it: reading on from there is still right, only slower. */
const PROBED_LINE_BYTES_MAX = 1024 * 1024;

/**
 * Finds where a line begins whose number is at most `seq`, as near to that entry as some 15 small reads come. Every line
 * begins with its number and the numbers grow, so the lines are an index of themselves: none is written beside them, and
 * none can be torn or lie. Where a line does not say a number that fits, the search goes on before that line. `tried`: where
 * a line began that was read lately; the search looks there first and believes it no more than any other place.
 */
export async function lineNear(file: FileHandle, range: FileRange, seq: number, tried?: number): Promise<number> {
  let low = { offset: range.offset, seq: 0 };
  let high = range.offset + range.size;
  if (seq <= 1) return low.offset;
  const isTried = tried !== undefined && tried > low.offset && tried < high;
  let place = isTried ? tried - 1 : middleOf(low.offset, high);
  while (low.seq < seq && high - low.offset > NEAR_BYTES) {
    const line = await firstLineAfter(file, place, high);
    if (line === undefined || line.seq > seq || line.seq <= low.seq) high = place;
    else low = line;
    place = middleOf(low.offset, high);
  }
  return low.offset;
}

function middleOf(low: number, high: number): number {
  return low + Math.floor((high - low) / 2);
}

interface FoundLine {
  readonly offset: number;
  readonly seq: number;
}

/** The first line that begins after this place and before `end`; undefined when there is none that says its number. */
async function firstLineAfter(file: FileHandle, place: number, end: number): Promise<FoundLine | undefined> {
  const longest = Math.min(end - place, PROBED_LINE_BYTES_MAX);
  for (let bytes = PROBE_BYTES; ; bytes *= 4) {
    const wanted = Math.min(bytes, longest);
    const probe = Buffer.allocUnsafe(wanted);
    const { bytesRead } = await file.read(probe, 0, wanted, place);
    const newline = probe.subarray(0, bytesRead).indexOf(0x0a);
    const seq = newline === -1 ? undefined : seqOfLine(probe.subarray(newline + 1, bytesRead));
    if (seq !== undefined) return { offset: place + newline + 1, seq };
    if (wanted === longest) return undefined;
  }
}
