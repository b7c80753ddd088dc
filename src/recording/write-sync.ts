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

/** Writes the slices one after the other, small ones joined. Throws what the system says. */
export function writeSlices(fd: number, slices: readonly Uint8Array[]): Written {
  let filled = 0;
  let bytes = 0;
  let writes = 0;
  const spill = (): void => {
    if (filled === 0) return;
    writes += writeFully(fd, scratch, filled);
    filled = 0;
  };
  for (const slice of slices) {
    bytes += slice.length;
    if (slice.length > SCRATCH_BYTES - filled) spill();
    if (slice.length > SCRATCH_BYTES) {
      writes += writeFully(fd, slice, slice.length);
      continue;
    }
    scratch.set(slice, filled);
    filled += slice.length;
  }
  spill();
  return { bytes, writes };
}

/** A short write is followed by another for the rest: all of it is written, or this throws. */
function writeFully(fd: number, bytes: Uint8Array, length: number): number {
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
