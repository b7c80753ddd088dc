/**
 * Which lines go into one frame: as many as fit into {@link FRAME_BYTES}, and one longer line alone. So there is one way
 * to divide given lines, and a reader who wants one entry reads no more than this besides it.
 */
export const FRAME_BYTES = 256 * 1024;

const NEWLINE = 0x0a;

/** Divides whole lines among frames. What follows the last newline is a part of its own. Memory: a frame and a chunk. */
export async function* packLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  for await (const chunk of chunks) {
    held.push(chunk);
    // Without a newline no frame ends that did not end before; joining for each chunk would copy a long line many times.
    if (!chunk.includes(NEWLINE)) continue;
    const bytes = Buffer.concat(held);
    let at = 0;
    for (let end = frameEnd(bytes, at); end !== undefined; end = frameEnd(bytes, at)) {
      yield bytes.subarray(at, end);
      at = end;
    }
    held = [bytes.subarray(at)];
  }
  const rest = Buffer.concat(held);
  if (rest.length > 0) yield rest;
}

/** Where the frame ends that begins here; undefined when more bytes may belong to it. */
function frameEnd(bytes: Buffer, start: number): number | undefined {
  if (bytes.length - start <= FRAME_BYTES) return undefined;
  const last = bytes.lastIndexOf(NEWLINE, start + FRAME_BYTES - 1);
  if (last >= start) return last + 1;
  const end = bytes.indexOf(NEWLINE, start + FRAME_BYTES);
  return end === -1 ? undefined : end + 1;
}

/** Follows the frames of a recording and says what about the division of its lines is not as {@link packLines} makes it. */
export class PackingCheck {
  #bytesBefore = FRAME_BYTES;

  accept(lines: Buffer): string | undefined {
    const firstBytes = lines.indexOf(NEWLINE) + 1;
    if (lines.at(-1) !== NEWLINE) return 'does not end with the end of a line';
    if (lines.length > FRAME_BYTES && firstBytes < lines.length) return 'holds more lines than fit into one';
    if (this.#bytesBefore + firstBytes <= FRAME_BYTES) return 'begins with a line that the frame before has room for';
    this.#bytesBefore = lines.length;
    return undefined;
  }
}
