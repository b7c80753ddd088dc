/** A frame holds as many whole lines as fit into this, or one longer line alone. */
const FRAME_BYTES = 256 * 1024;
const NEWLINE = 0x0a;

/** Follows the frames of a recording and says what about the division of its lines is not as there is one way to divide them. */
export class PackingCheck {
  #bytesBefore = FRAME_BYTES;

  accept(lines: Uint8Array): string | undefined {
    const firstBytes = lines.indexOf(NEWLINE) + 1;
    if (lines.at(-1) !== NEWLINE) return 'does not end with the end of a line';
    if (lines.length > FRAME_BYTES && firstBytes < lines.length) return 'holds more lines than fit into one';
    if (this.#bytesBefore + firstBytes <= FRAME_BYTES) return 'begins with a line that the frame before has room for';
    this.#bytesBefore = lines.length;
    return undefined;
  }
}
