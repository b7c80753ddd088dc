import type { FileHandle } from 'node:fs/promises';
import type { RecordingSource } from '../../verifier/source.js';

/** The bytes of a file that is open, and stays the caller's to close. */
export async function fileSource(file: FileHandle): Promise<RecordingSource> {
  const { size } = await file.stat();
  return {
    size,
    async read(from, to) {
      const bytes = new Uint8Array(to - from);
      let filled = 0;
      while (filled < bytes.length) {
        const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, from + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return bytes.subarray(0, filled);
    },
  };
}
