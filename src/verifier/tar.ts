import { anyTextOf, bytesOf, equalBytes, latin1Of } from './bytes.js';

/** https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html, in the one form that a recording has. */
export const TAR_BLOCK_BYTES = 512;
/** The archive ends with two blocks of zeros. */
export const TAR_END_BYTES = 2 * TAR_BLOCK_BYTES;

const NAME_BYTES_MAX = 100;
const SIZE_AT = 124;
const CHECKSUM_AT = 148;
const OCTAL_SIZE_MAX = 8 ** 11 - 1;

/** The name and the size that a header gives, or undefined when any byte of it differs from the one form. */
export function readTarHeader(header: Uint8Array): { readonly name: string; readonly size: number } | undefined {
  const nameBytes = header.indexOf(0);
  if (header.length !== TAR_BLOCK_BYTES || nameBytes <= 0 || nameBytes > NAME_BYTES_MAX) return undefined;
  const name = anyTextOf(header.subarray(0, nameBytes));
  const size = readSize(header);
  if (!Number.isSafeInteger(size) || size < 0) return undefined;
  const again = makeTarHeader(name, size);
  return again !== undefined && equalBytes(again, header) ? { name, size } : undefined;
}

/** Zeros between a member's end and the next block. */
export function paddingBytesOf(size: number): number {
  return (TAR_BLOCK_BYTES - (size % TAR_BLOCK_BYTES)) % TAR_BLOCK_BYTES;
}

function makeTarHeader(name: string, size: number): Uint8Array | undefined {
  const nameBytes = bytesOf(name);
  if (nameBytes.length > NAME_BYTES_MAX) return undefined;
  const header = new Uint8Array(TAR_BLOCK_BYTES);
  const write = (text: string, at: number): void => header.set(bytesOf(text), at);
  header.set(nameBytes);
  write('0000644\0', 100);
  write('0000000\0', 108);
  write('0000000\0', 116);
  if (size <= OCTAL_SIZE_MAX) write(`${size.toString(8).padStart(11, '0')}\0`, SIZE_AT);
  else writeLargeSize(header, size);
  write('00000000000\0', 136);
  write('        ', CHECKSUM_AT);
  write('0', 156);
  write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  write(`${sum.toString(8).padStart(6, '0')}\0 `, CHECKSUM_AT);
  return header;
}

/** In base 256, as GNU tar does for more than 8 GiB. */
function writeLargeSize(header: Uint8Array, size: number): void {
  header[SIZE_AT] = 0x80;
  new DataView(header.buffer).setBigUint64(SIZE_AT + 4, BigInt(size));
}

function readSize(header: Uint8Array): number {
  if (header[SIZE_AT] === 0x80) {
    return Number(new DataView(header.buffer, header.byteOffset).getBigUint64(SIZE_AT + 4));
  }
  const digits = latin1Of(header.subarray(SIZE_AT, SIZE_AT + 11));
  return /^[0-7]{11}$/.test(digits) ? Number.parseInt(digits, 8) : -1;
}
