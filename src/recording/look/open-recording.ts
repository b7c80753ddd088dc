import { hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { BrokerError } from '../../kernel/errors.js';
import { readRange } from '../chain/file-chunks.js';
import type { BytesReference } from '../entries/entries.js';
import { SealedFile } from '../seal/sealed-file.js';
import type { EntrySource } from '../verify/reader.js';
import { SegmentCursor, SegmentUnreadable } from '../verify/segment-cursor.js';
import { liveSegmentName } from '../write/layout.js';
import { OPEN, openOwn } from '../write/own-files.js';
import { systemErrorCode } from '../write/system-error.js';

/**
 * The bytes that an entry says were kept. `bytes-missing`: they are not where it says. `altered`: all were kept, and they
 * have another digest. `too-large`: more than is read into memory at once.
 */
export type KeptBytes = Buffer | 'bytes-missing' | 'altered' | 'too-large';

/** A recording to look into: from any entry on, and the bytes of any entry. */
export interface OpenRecording {
  readonly lines: EntrySource;
  bytes(reference: BytesReference): Promise<KeptBytes>;
}

/** Far more than is kept of an answer by default. */
const READ_BYTES_MAX = 64 * 1024 * 1024;

/** A sealed file that is open, and stays the caller's to close. @throws BrokerError `recording_unavailable` */
export async function sealedRecording(file: FileHandle): Promise<OpenRecording> {
  const sealed = await SealedFile.in(file);
  if (!(sealed instanceof SealedFile)) {
    throw new BrokerError('recording_unavailable', { detail: 'The sealed file is damaged.' });
  }
  return {
    lines: (fromSeq) => sealed.lines(fromSeq),
    bytes: (reference) => keptBytes(reference, () => sealedBytes(sealed, reference)),
  };
}

/** A recording that goes on, whose entries are read by `lines`. */
export function liveRecording(directory: string, lines: EntrySource): OpenRecording {
  return { lines, bytes: (reference) => keptBytes(reference, () => liveBytes(directory, reference)) };
}

async function keptBytes(
  { kept, bytes, sha256 }: BytesReference,
  read: () => Promise<Buffer | undefined>,
): Promise<KeptBytes> {
  if (kept > READ_BYTES_MAX) return 'too-large';
  const found = kept === 0 ? Buffer.alloc(0) : await read();
  if (found?.length !== kept) return 'bytes-missing';
  return kept === bytes && hash('sha256', found) !== sha256 ? 'altered' : found;
}

async function liveBytes(directory: string, { segment, offset, kept }: BytesReference): Promise<Buffer | undefined> {
  try {
    const file = await openOwn(directory, liveSegmentName(segment), OPEN.read);
    try {
      return await readRange(file, { offset, size: kept });
    } finally {
      await file.close();
    }
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function sealedBytes(sealed: SealedFile, { segment, offset, kept }: BytesReference): Promise<Buffer | undefined> {
  const cursor = new SegmentCursor(() => sealed.segment(segment));
  const parts: Buffer[] = [];
  try {
    cursor.next();
    const isThere =
      (await cursor.take(offset, () => undefined)) &&
      (await cursor.take(kept, (bytes) => {
        parts.push(bytes);
      }));
    return isThere ? Buffer.concat(parts) : undefined;
  } catch (error) {
    if (error instanceof SegmentUnreadable) return undefined;
    throw error;
  } finally {
    await cursor.close();
  }
}
