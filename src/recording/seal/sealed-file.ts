import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { constants, createZstdDecompress } from 'node:zlib';
import { readArchive, type ArchiveMember } from './archive.js';
import { fileChunks, readRange } from '../chain/file-chunks.js';
import { lineNear } from '../chain/line-search.js';
import { BrokerError } from '../../kernel/errors.js';
import { FrameUnreadable, readFrames } from '../frames/frame-codec.js';
import { frameNear } from '../frames/frame-index.js';
import { WINDOW_LOG_MAX } from '../frames/zstd-frame.js';
import {
  ENTRIES_NAME,
  FRAMES_NAME,
  INDEX_NAME,
  MANIFEST_NAME,
  SIGNATURE_NAME,
  sealedDamagedName,
  sealedSegmentName,
} from '../write/layout.js';
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
  /** The lines as they are, or in frames where there is an index. */
  readonly entries: ArchiveMember;
  readonly index: ArchiveMember | undefined;
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
    this.index = members.index;
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

  /**
   * The lines of the entries, from one on whose number is at most `fromSeq`. What the index says is not believed, only
   * tried: see `EntrySource`. @throws BrokerError `recording_unavailable` where a frame cannot be read
   */
  async *lines(fromSeq = 1): AsyncGenerator<Buffer> {
    const [file, { offset, size }, index] = [this.#file, this.entries, this.index];
    if (index === undefined) {
      const start = await lineNear(file, this.entries, fromSeq);
      yield* fileChunks(file, { offset: start, size: offset + size - start });
      return;
    }
    const skipped = fromSeq === 1 ? 0 : Math.min((await frameNear(file, index, fromSeq)).offset, size);
    try {
      const frames = readFrames(fileChunks(file, { offset: offset + skipped, size: size - skipped }));
      for await (const { content } of frames) yield content;
    } catch (error) {
      if (!(error instanceof FrameUnreadable)) throw error;
      const detail = `A frame of the recording's entries ${error.what}. Verify the file: it says which.`;
      throw new BrokerError('recording_unavailable', { detail, cause: error });
    }
  }

  /** The uncompressed bytes of a segment; throws `SegmentUnreadable` where they are no zstd stream. */
  async *segment(number: number): AsyncGenerator<Buffer> {
    const member = this.segments[number - 1];
    if (member === undefined) return;
    const source = Readable.from(this.chunks(member));
    const decompress = createZstdDecompress({
      chunkSize: DECOMPRESSED_CHUNK_BYTES,
      params: { [constants.ZSTD_d_windowLogMax]: WINDOW_LOG_MAX },
    });
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
  readonly index: ArchiveMember | undefined;
  readonly segments: readonly ArchiveMember[];
  readonly damaged: readonly ArchiveMember[];
}

function orderMembers(all: readonly ArchiveMember[]): Members | { readonly problem: Problem } {
  const [manifest, signature, entries, ...afterEntries] = all;
  if (manifest?.name !== MANIFEST_NAME) return misplaced(manifest, MANIFEST_NAME);
  if (signature?.name !== SIGNATURE_NAME) return misplaced(signature, SIGNATURE_NAME);
  if (entries?.name !== FRAMES_NAME && entries?.name !== ENTRIES_NAME) return misplaced(entries, FRAMES_NAME);
  if (manifest.size > MANIFEST_BYTES_MAX || signature.size > 2 * MANIFEST_BYTES_MAX) {
    return { problem: { where: 'manifest', what: 'It is larger than the format allows.' } };
  }
  const index = entries.name === FRAMES_NAME ? afterEntries[0] : undefined;
  if (entries.name === FRAMES_NAME && index?.name !== INDEX_NAME) return misplaced(index, INDEX_NAME);
  const others = index === undefined ? afterEntries : afterEntries.slice(1);
  const firstOther = others.findIndex((member, at) => member.name !== sealedSegmentName(at + 1));
  const segmentCount = firstOther === -1 ? others.length : firstOther;
  const segments = others.slice(0, segmentCount);
  const damaged = others.slice(segmentCount);
  const stray = damaged.find((member, at) => member.name !== sealedDamagedName(at + 1));
  return stray === undefined
    ? { manifest, signature, entries, index, segments, damaged }
    : misplaced(stray, sealedSegmentName(segmentCount + 1));
}

function misplaced(found: ArchiveMember | undefined, name: string): { readonly problem: Problem } {
  const where = found === undefined ? 'archive' : `archive byte ${found.offset - 512}`;
  return { problem: { where, what: `The member ${name} should be here.` } };
}
