import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createZstdDecompress } from 'node:zlib';
import { readArchive, type ArchiveMember } from './archive.js';
import { fileChunks, readRange } from '../chain/file-chunks.js';
import { lineNear } from '../chain/line-search.js';
import { ENTRIES_NAME, MANIFEST_NAME, SIGNATURE_NAME, sealedDamagedName, sealedSegmentName } from '../write/layout.js';
import { MANIFEST_BYTES_MAX } from './manifest.js';
import { openNamed } from '../write/own-files.js';
import type { Problem } from '../verify/problem.js';
import { SegmentUnreadable } from '../verify/segment-cursor.js';

const DECOMPRESSED_CHUNK_BYTES = 256 * 1024;

/** A sealed recording whose archive is laid out as one; nothing else about it has been checked. */
export class SealedFile {
  readonly bytes: number;
  readonly manifest: ArchiveMember;
  readonly signature: ArchiveMember;
  readonly entries: ArchiveMember;
  readonly segments: readonly ArchiveMember[];
  /** What was damaged before the recording was closed. */
  readonly damaged: readonly ArchiveMember[];
  readonly #file: FileHandle;

  private constructor(file: FileHandle, bytes: number, members: Members) {
    this.#file = file;
    this.bytes = bytes;
    this.manifest = members.manifest;
    this.signature = members.signature;
    this.entries = members.entries;
    this.segments = members.segments;
    this.damaged = members.damaged;
  }

  /** Opens the file; throws what the system says when it cannot be read. Close it when a file came back. */
  static async open(path: string): Promise<SealedFile | { readonly problem: Problem }> {
    const file = await openNamed(path);
    try {
      const sealed = await SealedFile.in(file);
      if (!(sealed instanceof SealedFile)) await file.close();
      return sealed;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Reads the layout of a file that is open; it stays the caller's to close. */
  static async in(file: FileHandle): Promise<SealedFile | { readonly problem: Problem }> {
    const { size } = await file.stat();
    const layout = await readArchive(file, size);
    const members = 'problem' in layout ? layout : orderMembers(layout.members);
    return 'problem' in members ? { problem: members.problem } : new SealedFile(file, size, members);
  }

  /** The compressed or plain bytes of a member, as they are in the file. */
  chunks(member: ArchiveMember, chunkBytes?: number): AsyncGenerator<Buffer> {
    return fileChunks(this.#file, member, chunkBytes);
  }

  /** A whole member in memory: for the manifest and its signature. */
  read(member: ArchiveMember): Promise<Buffer> {
    return readRange(this.#file, member);
  }

  /** The lines of the entries, from one on whose number is at most `fromSeq`. */
  async *lines(fromSeq = 1): AsyncGenerator<Buffer> {
    const { offset, size } = this.entries;
    const start = fromSeq === 1 ? offset : await lineNear(this.#file, this.entries, fromSeq);
    yield* fileChunks(this.#file, { offset: start, size: offset + size - start });
  }

  /** The uncompressed bytes of a segment; throws `SegmentUnreadable` where they are no zstd stream. */
  async *segment(number: number): AsyncGenerator<Buffer> {
    const member = this.segments[number - 1];
    if (member === undefined) return;
    const source = Readable.from(this.chunks(member));
    const decompress = createZstdDecompress({ chunkSize: DECOMPRESSED_CHUNK_BYTES });
    source.once('error', (error) => decompress.destroy(error));
    try {
      for await (const chunk of source.pipe(decompress)) yield Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk);
    } catch (error) {
      throw new SegmentUnreadable(number, error);
    } finally {
      source.destroy();
      decompress.destroy();
    }
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

interface Members {
  readonly manifest: ArchiveMember;
  readonly signature: ArchiveMember;
  readonly entries: ArchiveMember;
  readonly segments: readonly ArchiveMember[];
  readonly damaged: readonly ArchiveMember[];
}

function orderMembers(all: readonly ArchiveMember[]): Members | { readonly problem: Problem } {
  const [manifest, signature, entries, ...others] = all;
  if (manifest?.name !== MANIFEST_NAME) return misplaced(manifest, MANIFEST_NAME);
  if (signature?.name !== SIGNATURE_NAME) return misplaced(signature, SIGNATURE_NAME);
  if (entries?.name !== ENTRIES_NAME) return misplaced(entries, ENTRIES_NAME);
  if (manifest.size > MANIFEST_BYTES_MAX || signature.size > 2 * MANIFEST_BYTES_MAX) {
    return { problem: { where: 'manifest', what: 'It is larger than the format allows.' } };
  }
  const firstOther = others.findIndex((member, index) => member.name !== sealedSegmentName(index + 1));
  const segmentCount = firstOther === -1 ? others.length : firstOther;
  const segments = others.slice(0, segmentCount);
  const damaged = others.slice(segmentCount);
  const stray = damaged.find((member, index) => member.name !== sealedDamagedName(index + 1));
  return stray === undefined
    ? { manifest, signature, entries, segments, damaged }
    : misplaced(stray, sealedSegmentName(segmentCount + 1));
}

function misplaced(found: ArchiveMember | undefined, name: string): { readonly problem: Problem } {
  const where = found === undefined ? 'archive' : `archive byte ${found.offset - 512}`;
  return { problem: { where, what: `The member ${name} should be here.` } };
}
