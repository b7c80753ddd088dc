import * as fc from 'fast-check';

/** Where to cut a stream: as many offsets as it likes, taken modulo the stream's length. */
export const arbitraryCuts = fc.array(fc.nat({ max: 100_000 }), { maxLength: 24 });

/** The stream in pieces, cut at the given offsets; each piece has memory of its own, as chunks of a socket have. */
export function split(stream: Buffer, cuts: readonly number[]): readonly Buffer[] {
  const offsets = [...new Set(cuts.map((cut) => cut % (stream.length + 1)))].toSorted((a, b) => a - b);
  const pieces: Buffer[] = [];
  let start = 0;
  for (const offset of [...offsets, stream.length]) {
    if (offset > start) pieces.push(Buffer.from(stream.subarray(start, offset)));
    start = offset;
  }
  return pieces;
}

/** The stream byte by byte. */
export function everyByte(stream: Buffer): readonly Buffer[] {
  return [...stream].map((byte) => Buffer.from([byte]));
}
