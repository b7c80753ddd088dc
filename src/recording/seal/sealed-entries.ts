import type { FileHandle } from 'node:fs/promises';
import { BrokerError } from '../../kernel/errors.js';
import { readEntries, type EntryPage, type EntryPageOptions } from '../verify/reader.js';
import { SealedFile } from './sealed-file.js';

/** One page of the entries of a sealed file that is open. */
export async function readSealedEntries(file: FileHandle, page: EntryPageOptions): Promise<EntryPage> {
  const sealed = await SealedFile.in(file);
  if (!(sealed instanceof SealedFile)) {
    throw new BrokerError('recording_unavailable', { detail: 'The sealed file is damaged.' });
  }
  return readEntries((fromSeq) => sealed.lines(fromSeq), page);
}
