/**
 * The one form of ustar header that a sealed recording uses, so that a reader can make each header again from the
 * member's name and size and compare all of its bytes. https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html
 */
export const TAR_BLOCK_BYTES = 512;

/** The archive ends with two blocks of zeros. */
export const TAR_END_BYTES = 2 * TAR_BLOCK_BYTES;

const NAME_BYTES_MAX = 100;
const OCTAL_SIZE_MAX = 8 ** 11 - 1;

export interface TarMember {
  readonly name: string;
  readonly size: number;
}

/** The header of a regular file: mode 0644, owner 0, time 0. Sizes over 8 GiB are written in base 256, as GNU tar does. */
export function encodeTarHeader({ name, size }: TarMember): Buffer {
  const nameBytes = Buffer.from(name, 'utf8');
  if (nameBytes.length === 0 || nameBytes.length > NAME_BYTES_MAX)
    throw new RangeError('The name does not fit a header.');
  if (!Number.isSafeInteger(size) || size < 0) throw new RangeError('The size does not fit a header.');
  const header = Buffer.alloc(TAR_BLOCK_BYTES);
  nameBytes.copy(header, 0);
  header.write('0000644\0', 100, 'latin1');
  header.write('0000000\0', 108, 'latin1');
  header.write('0000000\0', 116, 'latin1');
  writeSize(header, size);
  header.write('00000000000\0', 136, 'latin1');
  header.write('        ', 148, 'latin1');
  header.write('0', 156, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

/** The member that a header names, or undefined when any byte of it differs from the one form. */
export function decodeTarHeader(header: Buffer): TarMember | undefined {
  if (header.length !== TAR_BLOCK_BYTES) return undefined;
  const nameEnd = header.indexOf(0);
  if (nameEnd <= 0 || nameEnd > NAME_BYTES_MAX) return undefined;
  const member = { name: header.toString('utf8', 0, nameEnd), size: readSize(header) };
  if (!Number.isSafeInteger(member.size) || member.size < 0) return undefined;
  if (Buffer.byteLength(member.name) > NAME_BYTES_MAX) return undefined;
  return encodeTarHeader(member).equals(header) ? member : undefined;
}

/** Zeros between a member's end and the next block. */
export function tarPaddingBytes(size: number): number {
  return (TAR_BLOCK_BYTES - (size % TAR_BLOCK_BYTES)) % TAR_BLOCK_BYTES;
}

function writeSize(header: Buffer, size: number): void {
  if (size <= OCTAL_SIZE_MAX) {
    header.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
    return;
  }
  header.writeUInt8(0x80, 124);
  header.writeBigUInt64BE(BigInt(size), 128);
}

function readSize(header: Buffer): number {
  if (header[124] === 0x80) return Number(header.readBigUInt64BE(128));
  const digits = header.toString('latin1', 124, 135);
  return /^[0-7]{11}$/.test(digits) ? Number.parseInt(digits, 8) : -1;
}
