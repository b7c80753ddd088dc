import { writeSync } from 'node:fs';

export interface Written {
  readonly bytes: number;
  /** System calls made. */
  readonly writes: number;
}

/** Writes the first `length` bytes and gives the system calls made. A short write is followed by another: all or it throws. */
export function writeFully(fd: number, bytes: Uint8Array, length: number): number {
  let done = 0;
  let writes = 0;
  while (done < length) {
    const written = writeSync(fd, bytes, done, length - done);
    if (written === 0) throw new Error('The system wrote nothing and gave no error.');
    done += written;
    writes += 1;
  }
  return writes;
}
