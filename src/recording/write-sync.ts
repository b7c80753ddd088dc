import { writeSync } from 'node:fs';

// Shared by all writers of the process, so that an idle grant costs no buffer. Safe because every use is synchronous.
const SCRATCH_BYTES = 1024 * 1024;
const scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);

const UTF8_BYTES_PER_UNIT_MAX = 3;

export interface Written {
  readonly bytes: number;
  /** System calls made. */
  readonly writes: number;
}

/** Writes the lines, each with its newline, in as few system calls as fit (one up to 1 MiB). Throws what the system says. */
export function writeLines(fd: number, lines: readonly string[]): Written {
  let filled = 0;
  let bytes = 0;
  let writes = 0;
  const spill = (): void => {
    if (filled === 0) return;
    writes += writeFully(fd, scratch, filled);
    bytes += filled;
    filled = 0;
  };
  for (const line of lines) {
    const room = line.length * UTF8_BYTES_PER_UNIT_MAX + 1;
    if (room > SCRATCH_BYTES - filled) spill();
    if (room > SCRATCH_BYTES) {
      const long = Buffer.from(`${line}\n`, 'utf8');
      writes += writeFully(fd, long, long.length);
      bytes += long.length;
      continue;
    }
    filled += scratch.write(line, filled, 'utf8');
    scratch[filled] = 0x0a;
    filled += 1;
  }
  spill();
  return { bytes, writes };
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
