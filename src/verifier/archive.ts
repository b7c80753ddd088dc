import { isZero } from './bytes.js';
import { readRange, type ArchiveMember, type RecordingSource } from './source.js';
import { TAR_BLOCK_BYTES, TAR_END_BYTES, paddingBytesOf, readTarHeader } from './tar.js';
import { fail } from './verdict.js';

/** The members of a sealed recording, each in its place. */
export interface ArchiveMembers {
  readonly manifest: ArchiveMember;
  readonly signature: ArchiveMember;
  readonly entries: ArchiveMember;
  /** Absent in a container of format 1, whose entries stand in it as they are. */
  readonly index: ArchiveMember | undefined;
  readonly segments: readonly ArchiveMember[];
  readonly damaged: readonly ArchiveMember[];
}

/** A hundred thousand segments are more than 6 TiB of responses. */
const MEMBERS_MAX = 100_000;
const MANIFEST_BYTES_MAX = 64 * 1024 * 1024;

/**
 * Reads the headers and every byte that belongs to no member: headers have their one form, padding is zeros, and two
 * blocks of zeros end the archive and the file. Throws `NotHolding`.
 */
export async function readArchive(source: RecordingSource): Promise<ArchiveMembers> {
  return inOrder(await readMembers(source));
}

export function segmentName(segment: number): string {
  return `segments/${String(segment).padStart(6, '0')}.zst`;
}

export function damagedName(part: number): string {
  return `damaged/${String(part).padStart(6, '0')}.bin`;
}

async function readMembers(source: RecordingSource): Promise<readonly ArchiveMember[]> {
  const members: ArchiveMember[] = [];
  let at = 0;
  while (members.length < MEMBERS_MAX) {
    if (at + TAR_BLOCK_BYTES > source.size) return broken(source.size, 'The archive ends too early.');
    const block = await readRange(source, at, TAR_BLOCK_BYTES);
    if (isZero(block)) {
      await checkEnd(source, at);
      return members;
    }
    const header = readTarHeader(block);
    if (header === undefined) return broken(at, 'The header here is not one that a recording has.');
    const member = { ...header, offset: at + TAR_BLOCK_BYTES };
    const paddingAt = member.offset + member.size;
    const padding = paddingBytesOf(member.size);
    if (paddingAt + padding + TAR_END_BYTES > source.size) return broken(source.size, 'The archive ends too early.');
    if (!isZero(await readRange(source, paddingAt, padding))) {
      return broken(paddingAt, `The bytes after ${member.name} are not zeros.`);
    }
    members.push(member);
    at = paddingAt + padding;
  }
  return broken(at, 'The archive has more members than a recording has.');
}

async function checkEnd(source: RecordingSource, at: number): Promise<void> {
  const end = at + TAR_END_BYTES;
  if (source.size < end) broken(source.size, 'The archive ends too early.');
  if (source.size > end) broken(end, 'There are bytes after the end.');
  if (!isZero(await readRange(source, at, TAR_END_BYTES))) broken(at, 'The end of the archive is not zeros.');
}

function inOrder(members: readonly ArchiveMember[]): ArchiveMembers {
  const [first, second, third, ...afterEntries] = members;
  const manifest = inPlace(first, 'manifest.json');
  const signature = inPlace(second, 'manifest.jws');
  const isPlain = third?.name === 'entries.jsonl';
  const entries = isPlain ? third : inPlace(third, 'entries.jsonl.zst');
  if (manifest.size > MANIFEST_BYTES_MAX || signature.size > 2 * MANIFEST_BYTES_MAX) {
    fail('manifest', 'It is larger than the format allows.');
  }
  const index = isPlain ? undefined : inPlace(afterEntries[0], 'entries.index');
  const others = isPlain ? afterEntries : afterEntries.slice(1);
  const firstOther = others.findIndex(({ name }, at) => name !== segmentName(at + 1));
  const segments = firstOther === -1 ? others : others.slice(0, firstOther);
  const damaged = others.slice(segments.length);
  const stray = damaged.find(({ name }, at) => name !== damagedName(at + 1));
  if (stray !== undefined) inPlace(stray, segmentName(segments.length + 1));
  return { manifest, signature, entries, index, segments, damaged };
}

function inPlace(found: ArchiveMember | undefined, name: string): ArchiveMember {
  if (found?.name === name) return found;
  const where = found === undefined ? 'archive' : `archive byte ${found.offset - TAR_BLOCK_BYTES}`;
  return fail(where, `The member ${name} should be here.`);
}

function broken(byte: number, what: string): never {
  return fail(`archive byte ${byte}`, what);
}
