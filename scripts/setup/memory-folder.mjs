import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { freemem } from 'node:os';
import { join } from 'node:path';

/** Where Linux keeps files in memory. */
const MEMORY = '/dev/shm';
/** A whole run keeps half a GiB of data folders and recordings at a time. */
const FREE_BYTES_MIN = 4 * 2 ** 30;

/**
 * A new folder in memory whose name begins with `prefix`, or undefined where there is none, where programs cannot be
 * started from it (as in most containers), or where less than 4 GiB are free.
 */
export function makeMemoryFolder(prefix) {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    const free = Math.min(bavail * bsize, process.availableMemory?.() ?? freemem());
    if (free < FREE_BYTES_MIN) return undefined;
    const folder = mkdtempSync(join(MEMORY, prefix));
    if (runsPrograms(folder)) return folder;
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // what is not there cannot be used
  }
  return undefined;
}

function runsPrograms(folder) {
  const program = join(folder, 'program');
  writeFileSync(program, '#!/bin/sh\n', { mode: 0o700 });
  const { status } = spawnSync(program);
  rmSync(program);
  return status === 0;
}
