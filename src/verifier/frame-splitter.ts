/**
 * Cuts zstd frames into their headers and blocks, by the outside alone, so that a reader never opens more than a block at a
 * time. https://www.rfc-editor.org/rfc/rfc8878#section-3.1.1
 */

/** How far a reader of a frame may have to look back. */
const WINDOW_BYTES_MAX = 8 * 1024 * 1024;
const BLOCK_BYTES_MAX = 128 * 1024;
const MAGIC = 0xfd2fb528;
const MAGIC_BYTES = 4;
/** Magic number, descriptor, window, dictionary id, content size. */
const HEADER_BYTES_MAX = MAGIC_BYTES + 1 + 1 + 4 + 8;
const BLOCK_HEADER_BYTES = 3;
const RLE_BLOCK = 1;
const RESERVED_BLOCK = 3;
const CHECKSUM_BYTES = 4;

/** What frames have to be like: `form 2` has the size of the content and no checksum; frames of `form 1` need not. */
export type FrameForm = 'form 1' | 'form 2';

interface FrameHeader {
  readonly bytes: number;
  /** Undefined where the frame does not say it. */
  readonly contentBytes: number | undefined;
  readonly hasChecksum: boolean;
}

/** Takes the bytes of one frame and gives its parts: the header first, then each block with its own header. */
export class FrameSplitter {
  readonly #form: FrameForm;
  readonly #contentBytesMax: number;
  #header: FrameHeader | undefined;
  /** Of the part that is not whole yet. */
  #held: Uint8Array = new Uint8Array();
  #bytes = 0;
  #inLastBlock = false;
  #ended = false;
  #wrong: string | undefined;

  constructor(form: FrameForm, contentBytesMax: number) {
    this.#form = form;
    this.#contentBytesMax = contentBytesMax;
  }

  /** What the frame says to hold; undefined before its header is whole, and where it does not say it. */
  get contentBytes(): number | undefined {
    return this.#header?.contentBytes;
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

  /**
   * Takes some of these bytes, no further than to the end of a part, and gives how many; a part that is whole then goes to
   * `onPart`.
   */
  take(bytes: Uint8Array, onPart: (part: Uint8Array, isLast: boolean) => void): number {
    return bytes.length === 0 || this.#ended || this.#wrong !== undefined ? 0 : this.#takePart(bytes, onPart);
  }

  #takePart(bytes: Uint8Array, onPart: (part: Uint8Array, isLast: boolean) => void): number {
    const before = this.#held.length;
    const seen = before === 0 ? bytes.subarray(0, PART_BYTES_MAX) : withMore(this.#held, bytes);
    const partBytes = this.#header === undefined ? this.#readHeader(seen) : this.#readBlock(seen, this.#header);
    if (this.#wrong !== undefined) return 0;
    const isWhole = partBytes !== undefined && partBytes <= seen.length;
    const taken = (isWhole ? partBytes : seen.length) - before;
    this.#bytes += taken;
    if (this.#isTooLong()) {
      this.#wrong = 'is much longer than what it holds';
      return taken;
    }
    if (!isWhole) {
      this.#held = seen.slice();
      return taken;
    }
    this.#held = new Uint8Array();
    this.#ended = this.#inLastBlock;
    onPart(seen.subarray(0, partBytes), this.#ended);
    return taken;
  }

  #isTooLong(): boolean {
    const content = this.#header?.contentBytes;
    return content !== undefined && this.#bytes > content + Math.floor(content / 256) + 64;
  }

  /** Gives the header's length once that is known. */
  #readHeader(seen: Uint8Array): number | undefined {
    const header = this.#form === 'form 2' ? header2(seen) : header1(seen);
    if (header === undefined) return undefined;
    if ('wrong' in header) {
      this.#wrong = header.wrong;
      return undefined;
    }
    if ((header.contentBytes ?? 0) > this.#contentBytesMax) this.#wrong = 'says to hold more than the format allows';
    this.#header = header;
    return header.bytes;
  }

  /** Gives the block's length, with its header, once that is known. */
  #readBlock(seen: Uint8Array, { hasChecksum }: FrameHeader): number | undefined {
    if (seen.length < BLOCK_HEADER_BYTES) return undefined;
    const header = unsigned(seen, 0, BLOCK_HEADER_BYTES);
    const type = (header >> 1) & 3;
    const bytes = type === RLE_BLOCK ? 1 : header >> 3;
    if (type === RESERVED_BLOCK) this.#wrong = 'has a block of no known type';
    else if (header >> 3 > BLOCK_BYTES_MAX) this.#wrong = 'cannot be decompressed';
    this.#inLastBlock = (header & 1) === 1;
    return BLOCK_HEADER_BYTES + bytes + (this.#inLastBlock && hasChecksum ? CHECKSUM_BYTES : 0);
  }
}

const PART_BYTES_MAX = BLOCK_HEADER_BYTES + BLOCK_BYTES_MAX + CHECKSUM_BYTES;

/** What is held and as much more as a part can need. */
function withMore(held: Uint8Array, bytes: Uint8Array): Uint8Array {
  const more = bytes.subarray(0, PART_BYTES_MAX - held.length);
  const seen = new Uint8Array(held.length + more.length);
  seen.set(held);
  seen.set(more, held.length);
  return seen;
}

type ReadHeader = FrameHeader | { readonly wrong: string } | undefined;

/** Of a frame in the form of docs/recording-format.md; undefined when more bytes are wanted. */
function header2(head: Uint8Array): ReadHeader {
  if (head.length < MAGIC_BYTES + 1) return undefined;
  if (unsigned(head, 0, MAGIC_BYTES) !== MAGIC) return { wrong: 'does not begin as a zstd frame' };
  const descriptor = unsigned(head, MAGIC_BYTES, 1);
  if ((descriptor & 0x1f) !== 0) return { wrong: 'has a dictionary, a checksum or a bit that nothing uses' };
  return sizesOf(head, descriptor, true);
}

/** Of a frame as containers of format 1 have it: it may be without the size, and with a checksum. */
function header1(head: Uint8Array): ReadHeader {
  if (head.length < HEADER_BYTES_MAX && !isWholeHeader(head)) return undefined;
  if (unsigned(head, 0, MAGIC_BYTES) !== MAGIC) return { wrong: 'does not begin as a zstd frame' };
  const descriptor = unsigned(head, MAGIC_BYTES, 1);
  if ((descriptor & 0x0b) !== 0) return { wrong: 'has a dictionary or a reserved bit' };
  return sizesOf(head, descriptor, false);
}

function isWholeHeader(head: Uint8Array): boolean {
  return head.length > MAGIC_BYTES && head.length >= MAGIC_BYTES + 1 + sizeFields(unsigned(head, MAGIC_BYTES, 1)).bytes;
}

function sizeFields(descriptor: number) {
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const windowBytes = isSingleSegment ? 0 : 1;
  const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  return { isSingleSegment, sizeBytes, windowBytes, bytes: windowBytes + sizeBytes };
}

function sizesOf(head: Uint8Array, descriptor: number, needsSize: boolean): ReadHeader {
  const { isSingleSegment, sizeBytes, windowBytes } = sizeFields(descriptor);
  if (sizeBytes === 0 && needsSize) return { wrong: 'does not say how much it holds' };
  const sizeAt = MAGIC_BYTES + 1 + windowBytes;
  if (head.length < sizeAt + sizeBytes) return undefined;
  const contentBytes = sizeBytes === 0 ? undefined : unsigned(head, sizeAt, sizeBytes) + (sizeBytes === 2 ? 256 : 0);
  const window = isSingleSegment ? (contentBytes ?? 0) : windowSize(unsigned(head, MAGIC_BYTES + 1, 1));
  if (window > WINDOW_BYTES_MAX) return { wrong: 'has a window over 8 MiB' };
  return { bytes: sizeAt + sizeBytes, contentBytes, hasChecksum: (descriptor & 0x04) !== 0 };
}

function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

/** A little-endian number; over 2^53 it is only about right, and over every limit. */
function unsigned(bytes: Uint8Array, at: number, length: number): number {
  let value = 0;
  for (let index = length - 1; index >= 0; index -= 1) value = value * 256 + (bytes[at + index] ?? 0);
  return value;
}
