/** A block holds what one turn of the event loop writes, and most often much more than that. */
export const BLOCK_BYTES = 64 * 1024;

const SPARE_BLOCKS_MAX = 32;
/** Blocks that nobody uses. All writers of the process share them, so that an idle grant holds none. */
const spare: Buffer[] = [];

/** A block to fill; what is in it may be anything. */
export function takeBlock(): Buffer {
  return spare.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES);
}

/** Takes a block back; the caller does not use it any more. */
export function giveBlockBack(block: Buffer): void {
  if (spare.length < SPARE_BLOCKS_MAX) spare.push(block);
}
