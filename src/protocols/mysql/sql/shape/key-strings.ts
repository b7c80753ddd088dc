/** A longer key is made a string each time. */
const KEY_BYTES_MAX = 512;
const SLOTS = 64;

interface Slot {
  readonly bytes: Uint8Array;
  readonly text: string;
}

/**
 * Gives the same string for the same bytes while a few shapes come again and again: comparing bytes costs less than a
 * new string and its hash.
 */
export class KeyStrings {
  readonly #slots: (Slot | undefined)[] = Array.from({ length: SLOTS }, () => undefined);

  /** The first `length` bytes as text. */
  of(key: Buffer, length: number, isAscii: boolean): string {
    if (!isAscii || length > KEY_BYTES_MAX) return key.toString(isAscii ? 'latin1' : 'utf8', 0, length);
    const place = placeOf(key, length);
    const slot = this.#slots[place];
    if (slot !== undefined && isSame(slot.bytes, key, length)) return slot.text;
    const text = key.toString('latin1', 0, length);
    this.#slots[place] = { bytes: new Uint8Array(key.subarray(0, length)), text };
    return text;
  }
}

/** From the length and every eighth byte: which strings share a slot does not matter much. */
function placeOf(key: Uint8Array, length: number): number {
  let hash = length;
  for (let at = 0; at < length; at += 8) hash = (Math.imul(hash, 31) + (key[at] ?? 0)) | 0;
  return (hash ^ (hash >>> 6) ^ (hash >>> 12)) & (SLOTS - 1);
}

function isSame(bytes: Uint8Array, key: Uint8Array, length: number): boolean {
  if (bytes.length !== length) return false;
  for (let at = 0; at < length; at += 1) if (bytes[at] !== key[at]) return false;
  return true;
}
