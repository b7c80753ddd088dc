import { assert } from '../../kernel/assert.js';
import { BLOCK_BYTES, giveBlockBack, takeBlock } from '../chain/blocks.js';
import { writeFully, type Written } from './write-sync.js';

const NO_BLOCK: Buffer = Buffer.alloc(0);
const NEWLINE = 0x0a;
const DIGIT_ZERO = 0x30;
const UTF8_BYTES_PER_UNIT_MAX = 3;
const NINE_DIGITS = 1_000_000_000;
/** Up to this length copying byte by byte costs less than the call that copies at once. */
const LOOPED_BYTES_MAX = 16;
const PLAIN_UNITS_MAX = 256;
const SPACE = 0x20;
const TILDE = 0x7e;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Lines that wait to be written, put together as bytes in the block they are written from: `begin` one, add its parts,
 * then `end` it, or `begin` again to forget it. Making one string of the parts would cost more than all else that is done
 * with a line.
 */
export class PendingLines {
  /** Whole lines, in order, before those of the block. */
  #parts: Buffer[] = [];
  #fullBlocks: Buffer[] = [];
  #block = NO_BLOCK;
  /** Where the lines of the block that are not among the parts begin, and where the last whole line ends. */
  #start = 0;
  #end = 0;
  /** Where the line being put together goes on. */
  #at = 0;
  #partsBytes = 0;

  /** Of whole lines that are not written, newlines included. */
  get waitingBytes(): number {
    return this.#partsBytes + this.#end - this.#start;
  }

  /** Begins a line of at most so many bytes; false when that is more than a block takes, see `add`. */
  begin(bytesMax: number): boolean {
    if (bytesMax >= BLOCK_BYTES) return false;
    if (bytesMax >= this.#block.length - this.#end) this.#nextBlock();
    this.#at = this.#end;
    return true;
  }

  /** Adds a part that was made bytes before, which costs half of what text does. */
  bytes(part: Uint8Array): void {
    const { length } = part;
    const at = this.#at;
    if (length > LOOPED_BYTES_MAX) this.#block.set(part, at);
    else {
      const block = this.#block;
      for (let index = 0; index < length; index += 1) block[at + index] = part[index] ?? 0;
    }
    this.#at = at + length;
  }

  /** Adds text that is ASCII. */
  ascii(text: string): void {
    this.#at += this.#block.write(text, this.#at, 'latin1');
  }

  /** Adds any text; it takes three bytes for each of its units at most. */
  text(text: string): void {
    this.#at += this.#block.write(text, this.#at, 'utf8');
  }

  /** Adds text as JSON has it; it takes two bytes for its quotes and six for each of its units at most. */
  json(text: string): void {
    if (!this.#plainJson(text)) this.text(JSON.stringify(text));
  }

  /** Adds a number as JSON has it. */
  number(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) this.ascii(String(value));
    else if (value < NINE_DIGITS) this.#digits(value, digitsOf(value));
    else this.#manyDigits(value);
  }

  /** Ends the line and gives its bytes without the newline, which stay until the next `begin`, `add` or `clear`. */
  end(): Buffer {
    const line = this.#block.subarray(this.#end, this.#at);
    this.#block[this.#at] = NEWLINE;
    this.#end = this.#at + 1;
    return line;
  }

  /** Bytes of the line being put together. */
  get lineBytes(): number {
    return this.#at - this.#end;
  }

  /** Adds a line of any length; gives its bytes as `end` does. */
  add(text: string): Buffer {
    if (this.begin(text.length * UTF8_BYTES_PER_UNIT_MAX)) {
      this.text(text);
      return this.end();
    }
    const line = Buffer.from(`${text}\n`, 'utf8');
    this.#closePart();
    this.#parts.push(line);
    this.#partsBytes += line.length;
    return line.subarray(0, -1);
  }

  /** Writes all whole lines, most often by one system call. Throws what the system says. */
  write(fd: number): Written {
    const bytes = this.waitingBytes;
    let writes = 0;
    if (this.#parts.length === 0 && this.#start === 0) {
      writes = writeFully(fd, this.#block, bytes);
    } else {
      this.#closePart();
      for (const part of this.#parts) writes += writeFully(fd, part, part.length);
      this.#forgetParts();
    }
    this.#start = this.#end;
    return { bytes, writes };
  }

  /** Forgets all lines, and gives their memory back. */
  clear(): void {
    this.#forgetParts();
    if (this.#block !== NO_BLOCK) giveBlockBack(this.#block);
    this.#block = NO_BLOCK;
    this.#start = 0;
    this.#end = 0;
  }

  /** Most statements are short, and there is nothing in them that JSON writes in another way. */
  #plainJson(text: string): boolean {
    const { length } = text;
    if (length > PLAIN_UNITS_MAX) return false;
    const block = this.#block;
    const start = this.#at + 1;
    for (let index = 0; index < length; index += 1) {
      const unit = text.charCodeAt(index);
      if (unit < SPACE || unit > TILDE || unit === QUOTE || unit === BACKSLASH) return false;
      block[start + index] = unit;
    }
    block[start - 1] = QUOTE;
    block[start + length] = QUOTE;
    this.#at = start + length + 1;
    return true;
  }

  #forgetParts(): void {
    for (const block of this.#fullBlocks) giveBlockBack(block);
    this.#parts = [];
    this.#fullBlocks = [];
    this.#partsBytes = 0;
  }

  #nextBlock(): void {
    this.#closePart();
    if (this.#block !== NO_BLOCK) this.#fullBlocks.push(this.#block);
    this.#block = takeBlock();
    this.#start = 0;
    this.#end = 0;
  }

  #closePart(): void {
    if (this.#end === this.#start) return;
    this.#parts.push(this.#block.subarray(this.#start, this.#end));
    this.#partsBytes += this.#end - this.#start;
    this.#start = this.#end;
  }

  #manyDigits(value: number): void {
    const high = Math.floor(value / NINE_DIGITS);
    this.number(high);
    this.#digits(value - high * NINE_DIGITS, 9);
  }

  /** From the last to the first, with zeros in front. */
  #digits(value: number, count: number): void {
    const block = this.#block;
    let rest = value;
    for (let at = this.#at + count - 1; at >= this.#at; at -= 1) {
      const tenth = (rest / 10) | 0;
      block[at] = DIGIT_ZERO + rest - tenth * 10;
      rest = tenth;
    }
    this.#at += count;
  }
}

/** Of a number below a thousand million. */
function digitsOf(value: number): number {
  assert(value < NINE_DIGITS, 'it has nine digits at most');
  let count = 1;
  for (let power = 10; power <= value; power *= 10) count += 1;
  return count;
}
