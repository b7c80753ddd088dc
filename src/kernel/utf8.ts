/** The text that UTF-8 begins with, of at most `bytesMax` bytes, without a character that the cut would go through. */
export function cutUtf8(bytes: Buffer, bytesMax: number): string {
  if (bytes.length <= bytesMax) return bytes.toString('utf8');
  let end = bytesMax;
  // 0b10xxxxxx bytes continue a character; the cut goes before the byte that begins it.
  while (end > 0 && (bytes.readUInt8(end) & 0xc0) === 0x80) end -= 1;
  return bytes.toString('utf8', 0, end);
}
