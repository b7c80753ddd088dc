import type { FileHandle } from 'node:fs/promises';
import { readRange, type FileRange } from '../chain/file-chunks.js';
import type { Problem } from '../verify/problem.js';
import { TAR_BLOCK_BYTES, TAR_END_BYTES, decodeTarHeader, tarPaddingBytes } from './tar.js';

/** A member of a sealed archive and where its bytes are. */
export interface ArchiveMember extends FileRange {
  readonly name: string;
}

/** A hundred thousand segments are more than 6 TiB of responses. */
const MEMBERS_MAX = 100_000;

export type ArchiveLayout = { readonly members: readonly ArchiveMember[] } | { readonly problem: Problem };

/**
 * Reads the headers of a sealed archive and every byte that belongs to no member: headers must be in their one form,
 * padding must be zeros, the end must be two blocks of zeros and the end of the file.
 */
export async function readArchive(file: FileHandle, fileBytes: number): Promise<ArchiveLayout> {
  const members: ArchiveMember[] = [];
  let position = 0;
  while (members.length < MEMBERS_MAX) {
    const block = await readRange(file, { offset: position, size: TAR_BLOCK_BYTES });
    if (block.length < TAR_BLOCK_BYTES) return broken(fileBytes, 'The archive ends too early.');
    if (isZero(block)) return (await checkEnd(file, position, fileBytes)) ?? { members };
    const header = decodeTarHeader(block);
    if (header === undefined) return broken(position, 'The header here is not one that a recording has.');
    const member = { name: header.name, offset: position + TAR_BLOCK_BYTES, size: header.size };
    const paddingAt = member.offset + member.size;
    const padding = tarPaddingBytes(member.size);
    if (paddingAt + padding + TAR_END_BYTES > fileBytes) return broken(fileBytes, 'The archive ends too early.');
    if (!isZero(await readRange(file, { offset: paddingAt, size: padding }))) {
      return broken(paddingAt, `The bytes after ${member.name} are not zeros.`);
    }
    members.push(member);
    position = paddingAt + padding;
  }
  return broken(position, 'The archive has more members than a recording has.');
}

async function checkEnd(file: FileHandle, position: number, fileBytes: number): Promise<ArchiveLayout | undefined> {
  if (fileBytes < position + TAR_END_BYTES) return broken(fileBytes, 'The archive ends too early.');
  if (fileBytes > position + TAR_END_BYTES) return broken(position + TAR_END_BYTES, 'There are bytes after the end.');
  const end = await readRange(file, { offset: position, size: TAR_END_BYTES });
  return isZero(end) ? undefined : broken(position, 'The end of the archive is not zeros.');
}

function broken(byte: number, what: string): { readonly problem: Problem } {
  return { problem: { where: `archive byte ${byte}`, what } };
}

function isZero(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0);
}
