/**
 * Gives the memory of bytes back at once, which are empty then. For large ones that nobody refers to any more: the garbage
 * collector leaves them where they are until there are so many that it goes through all that the process has.
 */
export function giveUp({ buffer, byteLength }: Buffer): void {
  // Of the memory that Node.js divides among small buffers, none has half.
  if (buffer instanceof ArrayBuffer && buffer.byteLength < 2 * byteLength) buffer.transfer(0);
}
