import type { FileHandle } from 'node:fs/promises';
import { readRange, type FileRange } from '../chain/file-chunks.js';

/** Where a frame of the entries begins. */
export interface FramePlace {
  /** The number of its first entry. */
  readonly seq: number;
  /** In `entries.jsonl.zst`. */
  readonly offset: number;
}

const DIGITS = 16;
/** Two numbers of 16 digits, a space and a newline: so the place of the n-th frame is found without reading the others. */
export const INDEX_LINE_BYTES = 2 * DIGITS + 2;

const INDEX_LINE = /^(\d{16}) (\d{16})\n$/;

/** The line of the index that says where a frame begins. */
export function indexLine({ seq, offset }: FramePlace): string {
  return `${String(seq).padStart(DIGITS, '0')} ${String(offset).padStart(DIGITS, '0')}\n`;
}

/**
 * Finds the last frame that begins with an entry of at most `seq`, by some 12 small reads for a million statements. What the
 * index says is not believed: who reads from there looks at what is there.
 */
export async function frameNear(file: FileHandle, index: FileRange, seq: number): Promise<FramePlace> {
  let near: FramePlace = { seq: 1, offset: 0 };
  let [low, high] = [1, Math.floor(index.size / INDEX_LINE_BYTES)];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const place = await placeAt(file, index, middle);
    if (place === undefined || place.seq > seq) high = middle;
    else {
      near = place;
      low = middle + 1;
    }
  }
  return near;
}

async function placeAt(file: FileHandle, index: FileRange, number: number): Promise<FramePlace | undefined> {
  const line = await readRange(file, {
    offset: index.offset + number * INDEX_LINE_BYTES,
    size: INDEX_LINE_BYTES,
  });
  const [, seq, offset] = INDEX_LINE.exec(line.toString('latin1')) ?? [];
  return seq === undefined || offset === undefined ? undefined : { seq: Number(seq), offset: Number(offset) };
}
