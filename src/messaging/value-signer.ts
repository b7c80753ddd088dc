import { createHmac, timingSafeEqual } from 'node:crypto';

const MAC_CHARACTERS = 43;

/**
 * Signs what the apis keep in Redis with a key that is not there. Anyone who can write to Redis can take values away, and
 * cannot make one, or put one under another name.
 */
export class ValueSigner {
  readonly #key: Buffer;

  /** 32 bytes. */
  constructor(key: Buffer) {
    this.#key = key;
  }

  /** The text as it is kept: its HMAC-SHA-256 with the name, in base64url, and then itself. */
  sign(name: string, text: string): string {
    return this.#mac(name, text).toString('base64url') + text;
  }

  /** The text that was signed under that name; undefined for anything else. */
  read(name: string, signed: string): string | undefined {
    const text = signed.slice(MAC_CHARACTERS);
    const given = Buffer.from(signed.slice(0, MAC_CHARACTERS), 'base64url');
    const wanted = this.#mac(name, text);
    return given.length === wanted.length && timingSafeEqual(given, wanted) ? text : undefined;
  }

  #mac(name: string, text: string): Buffer {
    return createHmac('sha256', this.#key).update(`${name.length}:${name}`).update(text).digest();
  }
}
