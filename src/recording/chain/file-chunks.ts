import type { FileHandle } from 'node:fs/promises';
import { OPEN, openOwn } from '../write/own-files.js';

const CHUNK_BYTES = 256 * 1024;

/** For reading a whole file quickly. */
export const LARGE_CHUNK_BYTES = 1024 * 1024;

export interface FileRange {
  readonly offset: number;
  readonly size: number;
}

/**
 * The bytes of a range, chunk by chunk; ends early where the file ends. Every chunk is fresh and may be kept. The next
 * chunk is read while the caller works on this one.
 */
export async function* fileChunks(
  file: FileHandle,
  { offset, size }: FileRange,
  chunkBytes = CHUNK_BYTES,
): AsyncGenerator<Buffer> {
  const end = offset + size;
  let position = offset;
  let ahead = readChunk(file, position, Math.min(chunkBytes, end - position));
  try {
    for (;;) {
      const chunk = await ahead;
      if (chunk.length === 0) return;
      position += chunk.length;
      ahead = readChunk(file, position, Math.min(chunkBytes, end - position));
      yield chunk;
    }
  } finally {
    // The caller may have stopped early and close the file next.
    await Promise.allSettled([ahead]);
  }
}

async function readChunk(file: FileHandle, position: number, bytes: number): Promise<Buffer> {
  const chunk = Buffer.allocUnsafe(bytes);
  if (chunk.length === 0) return chunk;
  const { bytesRead } = await file.read(chunk, 0, chunk.length, position);
  return chunk.subarray(0, bytesRead);
}

/** The whole range in memory, or what the file has of it. For small ranges. */
export async function readRange(file: FileHandle, range: FileRange): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of fileChunks(file, range)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Writes all of `bytes` where the file stands. */
export async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, null);
    done += bytesWritten;
  }
}

/** All bytes of a directory's own file, chunk by chunk; opened with the first and closed with the last. */
export async function* wholeFile(directory: string, name: string, chunkBytes = CHUNK_BYTES): AsyncGenerator<Buffer> {
  const file = await openOwn(directory, name, OPEN.read);
  try {
    yield* fileChunks(file, { offset: 0, size: (await file.stat()).size }, chunkBytes);
  } finally {
    await file.close();
  }
}
