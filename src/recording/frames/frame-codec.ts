import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompress, zstdDecompressSync } from 'node:zlib';
import { LINE_BYTES_MAX } from '../entries/limits.js';
import { FRAME_BYTES } from './frame-packing.js';
import { inOrder } from './in-order.js';
import { FrameWalk, WINDOW_LOG_MAX, frameBytesMax } from './zstd-frame.js';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** One line with its newline. */
const CONTENT_BYTES_MAX = LINE_BYTES_MAX + 1;

/**
 * The fastest level. Most of a line is digests, in which nothing repeats: the higher levels look for repeats that are
 * shorter than what it costs to refer to them, and give larger frames.
 */
const LEVEL = 1;

/** Frames that are made or read at a time, on the thread pool, while the caller works on an earlier one. */
const AT_ONCE = Math.min(availableParallelism() + 1, 8);
const BYTES_AT_ONCE_MAX = 16 * 1024 * 1024;

/** A frame and what it holds. */
export interface EntryFrame {
  readonly bytes: Buffer;
  readonly content: Buffer;
}

/** A frame of the entries that cannot be read. */
export class FrameUnreadable extends Error {
  /** From 1 for the first that was read. */
  readonly frame: number;
  /** It …. */
  readonly what: string;

  constructor(frame: number, what: string, cause?: unknown) {
    super(`Frame ${frame} ${what}.`, { cause });
    this.name = 'FrameUnreadable';
    this.frame = frame;
    this.what = what;
  }
}

/** Compresses each part into a frame of its own, several at a time. */
export function framesOf(parts: AsyncIterable<Buffer>): AsyncGenerator<EntryFrame> {
  const limits = { atOnce: AT_ONCE, bytesOf: (part: Buffer) => part.length, bytesMax: BYTES_AT_ONCE_MAX };
  return inOrder(parts, makeFrame, limits);
}

async function makeFrame(content: Buffer): Promise<EntryFrame> {
  const params = { [constants.ZSTD_c_compressionLevel]: LEVEL };
  // One block of memory for all of it, and room that is left over: where none is, Node.js has an empty frame follow.
  const chunkSize = frameBytesMax(content.length);
  return { bytes: await compress(content, { pledgedSrcSize: content.length, chunkSize, params }), content };
}

/**
 * The frames that these bytes are, and nothing else, several read at a time. Memory is taken only for what a frame may
 * hold. Throws `FrameUnreadable`.
 */
export function readFrames(chunks: AsyncIterable<Buffer>): AsyncGenerator<EntryFrame> {
  const limits = { atOnce: AT_ONCE, bytesOf: (cut: CutFrame) => cut.contentBytes, bytesMax: BYTES_AT_ONCE_MAX };
  return inOrder(cutFrames(chunks), openFrame, limits);
}

interface CutFrame {
  readonly number: number;
  readonly bytes: Buffer;
  readonly contentBytes: number;
}

async function* cutFrames(chunks: AsyncIterable<Buffer>): AsyncGenerator<CutFrame> {
  let number = 1;
  let walk = new FrameWalk(CONTENT_BYTES_MAX);
  let parts: Buffer[] = [];
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length;) {
      const taken = walk.take(chunk.subarray(at));
      if (walk.wrong !== undefined) throw new FrameUnreadable(number, walk.wrong);
      parts.push(chunk.subarray(at, at + taken));
      at += taken;
      if (!walk.ended) continue;
      yield { number, bytes: joined(parts), contentBytes: walk.contentBytes };
      number += 1;
      walk = new FrameWalk(CONTENT_BYTES_MAX);
      parts = [];
    }
  }
  if (parts.length > 0) throw new FrameUnreadable(number, 'ends too early');
}

/** Most frames are whole in one chunk, and are not copied. */
function joined(parts: readonly Buffer[]): Buffer {
  const [first] = parts;
  return first !== undefined && parts.length === 1 ? first : Buffer.concat(parts);
}

async function openFrame({ number, bytes, contentBytes }: CutFrame): Promise<EntryFrame> {
  let content: Buffer;
  const options = {
    params: { [constants.ZSTD_d_windowLogMax]: WINDOW_LOG_MAX },
    maxOutputLength: contentBytes,
    // One block of memory for all of it, and room that is left over, which ends the reading.
    chunkSize: contentBytes + 64,
  };
  try {
    // Handing a frame of the usual size to another thread costs more than reading it.
    content = contentBytes <= FRAME_BYTES ? zstdDecompressSync(bytes, options) : await decompress(bytes, options);
  } catch (error) {
    throw new FrameUnreadable(number, 'cannot be decompressed', error);
  }
  if (content.length !== contentBytes) throw new FrameUnreadable(number, 'does not hold as much as it says');
  return { bytes, content };
}
