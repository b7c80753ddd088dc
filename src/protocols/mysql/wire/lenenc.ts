import { assert } from '../../../kernel/assert.js';
import type { BrokerError } from '../../../kernel/errors.js';
import { wireError, type WireErrorCode } from './wire-error.js';

/**
 * The basic types of the protocol: fixed and length-encoded integers, NUL-terminated and length-encoded strings.
 *
 * https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_data_types.html
 */

/** An unsigned 64-bit integer: a number while that is exact (up to 2^53 - 1), else a bigint. */
export type Uint64 = number | bigint;

// The first byte of a length-encoded integer. Up to 0xFA it is the value itself.
const LENENC_NULL = 0xfb; // in a text row: the column is NULL. Nowhere else does it begin an integer.
const LENENC_2_BYTES = 0xfc;
const LENENC_3_BYTES = 0xfd;
const LENENC_8_BYTES = 0xfe;
// 0xFF is the first byte of an ERR packet and never begins an integer.

const NUL = Buffer.from([0]);
const WRITER_BYTES_INITIAL = 128;

/** Reads one payload from front to back; a read past its end throws `code` instead of giving what is not there. */
export class PayloadReader {
  readonly #payload: Buffer;
  readonly #code: WireErrorCode;
  #at: number;

  constructor(payload: Buffer, code: WireErrorCode = 'packet_malformed', offset = 0) {
    assert(offset >= 0 && offset <= payload.length, 'a reader starts inside its payload');
    this.#payload = payload;
    this.#code = code;
    this.#at = offset;
  }

  /** Bytes from the payload's start. */
  get offset(): number {
    return this.#at;
  }

  /** Bytes not read yet. */
  get remaining(): number {
    return this.#payload.length - this.#at;
  }

  uint8(): number {
    return this.#payload.readUInt8(this.#advance(1));
  }

  uint16(): number {
    return this.#payload.readUInt16LE(this.#advance(2));
  }

  uint24(): number {
    return this.#payload.readUIntLE(this.#advance(3), 3);
  }

  uint32(): number {
    return this.#payload.readUInt32LE(this.#advance(4));
  }

  int8(): number {
    return this.#payload.readInt8(this.#advance(1));
  }

  int16(): number {
    return this.#payload.readInt16LE(this.#advance(2));
  }

  int32(): number {
    return this.#payload.readInt32LE(this.#advance(4));
  }

  uint64(): Uint64 {
    return narrow(this.#payload.readBigUInt64LE(this.#advance(8)));
  }

  /** A view of the next `length` bytes: it shares the payload's memory. */
  bytes(length: number): Buffer {
    const start = this.#advance(length);
    return this.#payload.subarray(start, start + length);
  }

  skip(length: number): void {
    this.#advance(length);
  }

  /** All that is left, as a view. */
  rest(): Buffer {
    return this.bytes(this.remaining);
  }

  lenencInteger(): Uint64 {
    const first = this.uint8();
    if (first < LENENC_NULL) return first;
    if (first === LENENC_2_BYTES) return this.uint16();
    if (first === LENENC_3_BYTES) return this.uint24();
    if (first === LENENC_8_BYTES) return this.uint64();
    throw wireError(this.#code, 'A length-encoded integer has an impossible first byte.');
  }

  /** A length-encoded integer that counts bytes of this payload, so it cannot be more than what remains. */
  lenencLength(): number {
    const length = this.lenencInteger();
    if (typeof length === 'bigint' || length > this.remaining) throw this.#tooShort();
    return length;
  }

  lenencBytes(): Buffer {
    return this.bytes(this.lenencLength());
  }

  /** One value of a text row: 0xFB in place of the length says NULL. */
  lenencBytesOrNull(): Buffer | null {
    if (this.remaining > 0 && this.#payload.readUInt8(this.#at) === LENENC_NULL) {
      this.#at += 1;
      return null;
    }
    return this.lenencBytes();
  }

  lenencText(): string {
    return this.lenencBytes().toString('utf8');
  }

  /** The bytes up to the next NUL, which is read and dropped. `what` names them if they are too long or have no end. */
  nulTerminatedBytes(bytesMax: number, what: string): Buffer {
    const end = this.#payload.indexOf(NUL, this.#at);
    if (end < 0) throw wireError(this.#code, `The ${what} has no end.`);
    if (end - this.#at > bytesMax) throw wireError(this.#code, `The ${what} is longer than ${bytesMax} bytes.`);
    const bytes = this.#payload.subarray(this.#at, end);
    this.#at = end + 1;
    return bytes;
  }

  nulTerminatedText(bytesMax: number, what: string): string {
    return this.nulTerminatedBytes(bytesMax, what).toString('utf8');
  }

  /** Refuses bytes that nobody read: what one side skips, the other may act on. */
  expectEnd(): void {
    if (this.remaining > 0) throw wireError(this.#code, `There are ${this.remaining} bytes after the end.`);
  }

  #advance(length: number): number {
    const start = this.#at;
    if (length > this.#payload.length - start) throw this.#tooShort();
    this.#at = start + length;
    return start;
  }

  #tooShort(): BrokerError {
    return wireError(this.#code, 'The packet ends before its content does.');
  }
}

/** Builds one payload in a buffer that grows. Values come from the code itself, so one that does not fit is a bug. */
export class PayloadWriter {
  #bytes: Buffer;
  #length = 0;

  constructor(bytesInitial = WRITER_BYTES_INITIAL) {
    this.#bytes = Buffer.allocUnsafe(bytesInitial);
  }

  get length(): number {
    return this.#length;
  }

  uint8(value: number): this {
    const at = this.#reserve(1);
    this.#bytes.writeUInt8(value, at);
    return this;
  }

  uint16(value: number): this {
    const at = this.#reserve(2);
    this.#bytes.writeUInt16LE(value, at);
    return this;
  }

  uint24(value: number): this {
    const at = this.#reserve(3);
    this.#bytes.writeUIntLE(value, at, 3);
    return this;
  }

  uint32(value: number): this {
    const at = this.#reserve(4);
    this.#bytes.writeUInt32LE(value, at);
    return this;
  }

  uint64(value: Uint64): this {
    const at = this.#reserve(8);
    this.#bytes.writeBigUInt64LE(BigInt(value), at);
    return this;
  }

  bytes(bytes: Uint8Array): this {
    const at = this.#reserve(bytes.length);
    this.#bytes.set(bytes, at);
    return this;
  }

  zeros(count: number): this {
    const at = this.#reserve(count);
    this.#bytes.fill(0, at, at + count);
    return this;
  }

  text(text: string): this {
    return this.bytes(Buffer.from(text, 'utf8'));
  }

  /** A text with a NUL inside would end early for the reader and push the rest into the next field. */
  nulTerminatedText(text: string): this {
    assert(!text.includes('\0'), 'a NUL-terminated text has no NUL inside');
    return this.text(text).uint8(0);
  }

  lenencInteger(value: Uint64): this {
    if (value < LENENC_NULL) return this.uint8(Number(value));
    if (value <= 0xffff) return this.uint8(LENENC_2_BYTES).uint16(Number(value));
    if (value <= 0xffffff) return this.uint8(LENENC_3_BYTES).uint24(Number(value));
    return this.uint8(LENENC_8_BYTES).uint64(value);
  }

  lenencBytes(bytes: Uint8Array): this {
    return this.lenencInteger(bytes.length).bytes(bytes);
  }

  lenencText(text: string): this {
    return this.lenencBytes(Buffer.from(text, 'utf8'));
  }

  lenencNull(): this {
    return this.uint8(LENENC_NULL);
  }

  /** What was written so far, as a view of the writer's memory: the writer is not used again after this. */
  finish(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(length: number): number {
    const start = this.#length;
    const needed = start + length;
    if (needed > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
      this.#bytes.copy(grown, 0, 0, start);
      this.#bytes = grown;
    }
    this.#length = needed;
    return start;
  }
}

function narrow(value: bigint): Uint64 {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}
