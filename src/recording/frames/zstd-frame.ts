/**
 * Follows the outside of one zstd frame, without its content: the header and the blocks' sizes, which say where it ends.
 * https://www.rfc-editor.org/rfc/rfc8878#section-3.1.1
 */

/** Memory that a reader needs to look back. libzstd takes 512 KiB to 2 MiB for what is written here. */
export const WINDOW_BYTES_MAX = 8 * 1024 * 1024;

/** The same for zlib's `ZSTD_d_windowLogMax`. */
export const WINDOW_LOG_MAX = 23;

const MAGIC = 0xfd2fb528;
/** Magic number, descriptor, window or not, no dictionary, content size. */
const HEADER_BYTES_MAX = 4 + 1 + 1 + 8;
const BLOCK_HEADER_BYTES = 3;
const RLE_BLOCK = 1;
const RESERVED_BLOCK = 3;

/** What a header says. */
interface FrameHeader {
  readonly bytes: number;
  readonly contentBytes: number;
}

/**
 * Takes a frame's bytes in parts. A frame that is not in the form of this format is refused: it has its content's size,
 * and no dictionary, no checksum and no window over {@link WINDOW_BYTES_MAX}.
 */
export class FrameWalk {
  readonly #contentBytesMax: number;
  /** Bytes of a header of which more is to come. */
  #head: Buffer = Buffer.alloc(0);
  #header: FrameHeader | undefined;
  /** Bytes of the block that are still to come. */
  #blockLeft = 0;
  #inLastBlock = false;
  #ended = false;
  #bytes = 0;
  #wrong: string | undefined;

  constructor(contentBytesMax: number) {
    this.#contentBytesMax = contentBytesMax;
  }

  /** What the frame says to hold; 0 before its header is whole. */
  get contentBytes(): number {
    return this.#header?.contentBytes ?? 0;
  }

  /** How many bytes of it were taken. */
  get bytes(): number {
    return this.#bytes;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Why it is refused; nothing more is taken then. */
  get wrong(): string | undefined {
    return this.#wrong;
  }

  /** Gives how many of these bytes are the frame's. */
  take(part: Buffer): number {
    let at = 0;
    while (at < part.length && !this.#ended && this.#wrong === undefined) {
      const taken = this.#blockLeft > 0 ? this.#inBlock(part.length - at) : this.#atHeader(part.subarray(at));
      at += taken;
      this.#bytes += taken;
      if (this.#header !== undefined && this.#bytes > frameBytesMax(this.#header.contentBytes)) {
        this.#wrong = 'is much longer than what it holds';
      }
    }
    return at;
  }

  #inBlock(bytes: number): number {
    const taken = Math.min(bytes, this.#blockLeft);
    this.#blockLeft -= taken;
    if (this.#blockLeft === 0) this.#ended = this.#inLastBlock;
    return taken;
  }

  #atHeader(part: Buffer): number {
    const wanted = this.#header === undefined ? HEADER_BYTES_MAX : BLOCK_HEADER_BYTES;
    const before = this.#head.length;
    const head = Buffer.concat([this.#head, part.subarray(0, wanted - before)]);
    const read = this.#header === undefined ? this.#readFrameHeader(head) : this.#readBlockHeader(head);
    this.#head = read === 0 ? head : Buffer.alloc(0);
    return (read === 0 ? head.length : read) - before;
  }

  /** Gives its length; 0 when more bytes are wanted. */
  #readFrameHeader(head: Buffer): number {
    const header = decodeHeader(head);
    if (header === undefined) return 0;
    if ('wrong' in header) {
      this.#wrong = header.wrong;
      return head.length;
    }
    if (header.contentBytes > this.#contentBytesMax) this.#wrong = 'says to hold more than the format allows';
    this.#header = header;
    return header.bytes;
  }

  #readBlockHeader(head: Buffer): number {
    if (head.length < BLOCK_HEADER_BYTES) return 0;
    const header = head.readUIntLE(0, BLOCK_HEADER_BYTES);
    const type = (header >> 1) & 3;
    if (type === RESERVED_BLOCK) this.#wrong = 'has a block of no known type';
    this.#inLastBlock = (header & 1) === 1;
    this.#blockLeft = type === RLE_BLOCK ? 1 : header >> 3;
    if (this.#blockLeft === 0) this.#ended = this.#inLastBlock;
    return BLOCK_HEADER_BYTES;
  }
}

/** More bytes than a frame ever has: those that do not compress grow by much less than this. */
export function frameBytesMax(contentBytes: number): number {
  return contentBytes + Math.floor(contentBytes / 256) + 64;
}

/** Undefined when more bytes are wanted. */
function decodeHeader(head: Buffer): FrameHeader | { readonly wrong: string } | undefined {
  if (head.length < 5) return undefined;
  if (head.readUInt32LE(0) !== MAGIC) return { wrong: 'does not begin as a zstd frame' };
  const descriptor = head.readUInt8(4);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  if ((descriptor & 0x1f) !== 0) return { wrong: 'has a dictionary, a checksum or a bit that nothing uses' };
  const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  if (sizeBytes === 0) return { wrong: 'does not say how much it holds' };
  const sizeAt = isSingleSegment ? 5 : 6;
  if (head.length < sizeAt + sizeBytes) return undefined;
  const contentBytes = contentSize(head.subarray(sizeAt, sizeAt + sizeBytes));
  const windowBytes = isSingleSegment ? contentBytes : windowSize(head.readUInt8(5));
  if (windowBytes > WINDOW_BYTES_MAX) return { wrong: 'has a window over 8 MiB' };
  return { bytes: sizeAt + sizeBytes, contentBytes };
}

function contentSize(field: Buffer): number {
  if (field.length === 8) return Number(field.readBigUInt64LE(0));
  return field.readUIntLE(0, field.length) + (field.length === 2 ? 256 : 0);
}

function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}
