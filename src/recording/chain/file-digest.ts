import type { FileHandle } from 'node:fs/promises';
import { fileChunks, LARGE_CHUNK_BYTES } from './file-chunks.js';
import { HASHING_THREADS_FROM_BYTES, StreamHash, withHashing } from './hashing.js';

/** SHA-256 over a whole file that is open, hex, as `sha256sum` prints it. */
export async function fileDigest(file: FileHandle): Promise<string> {
  const { size } = await file.stat();
  return withHashing(size >= HASHING_THREADS_FROM_BYTES, async (hashing) => {
    const digest = new StreamHash(hashing);
    for await (const chunk of fileChunks(file, { offset: 0, size }, LARGE_CHUNK_BYTES)) await digest.update(chunk);
    return digest.digest();
  });
}
