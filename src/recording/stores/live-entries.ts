import type { FileHandle } from 'node:fs/promises';
import { BrokerError } from '../../kernel/errors.js';
import { fileChunks, type FileRange } from '../chain/file-chunks.js';
import { lineNear } from '../chain/line-search.js';
import { EntryReader } from '../entries/entry-reader.js';
import { NO_PROTOCOLS } from '../recorded-protocol.js';
import { LINE_BYTES_MAX } from '../entries/limits.js';
import { unreadableEntry, type EntrySource } from '../verify/reader.js';
import { ENTRIES_NAME } from '../write/layout.js';
import { OPEN, openOwn } from '../write/own-files.js';

const NEWLINE = 0x0a;

/**
 * The lines of a live recording, given only when the first says that they are this grant's: a recording that stands in
 * another's place must not be read as that one. A recording without a whole line has nothing to give yet.
 */
export function liveEntries(grant: string, directory: string): EntrySource {
  return async function* lines(fromSeq) {
    const file = await openOwn(directory, ENTRIES_NAME, OPEN.read);
    try {
      const whole = { offset: 0, size: (await file.stat()).size };
      const first = await firstLine(file, whole);
      if (first === undefined) return;
      requireGrant(grant, first);
      const offset = await lineNear(file, whole, fromSeq);
      yield* fileChunks(file, { offset, size: whole.size - offset });
    } finally {
      await file.close();
    }
  };
}

async function firstLine(file: FileHandle, range: FileRange): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of fileChunks(file, range)) {
    const end = chunk.indexOf(NEWLINE);
    parts.push(end === -1 ? chunk : chunk.subarray(0, end));
    if (end !== -1) return Buffer.concat(parts);
    bytes += chunk.length;
    if (bytes > LINE_BYTES_MAX) throw unreadableEntry(1);
  }
  return undefined;
}

function requireGrant(grant: string, line: Buffer): void {
  const parsed = new EntryReader(NO_PROTOCOLS).parse(line);
  if (!('entry' in parsed) || parsed.entry.type !== 'grant.opened') throw unreadableEntry(1);
  if (parsed.entry.grant !== grant) {
    throw new BrokerError('recording_mismatch', {
      detail: `It is the recording of grant ${parsed.entry.grant}, not of ${grant}.`,
    });
  }
}
