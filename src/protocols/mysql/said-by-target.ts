import type { ErrPacket } from './wire/packets.js';

/**
 * The name with which the broker begins its refusals, in any letters, before a colon or what may look like one. As
 * latin1 has bytes, so that it finds the name in the bytes of any character set in which ASCII is ASCII.
 */
const BROKER_SPEAKS = /doorwarden(?=[\s\x80-\uffff]*:|[\x80-\uffff])/gi;
/** As long as that name, so that no length of a packet changes. */
const TARGET_SPEAKS = 'The target';

/**
 * What a target says in an error, so that nobody takes it for the broker: stored code may say anything (SIGNAL), and an
 * error may quote a value. `Doorwarden:` becomes `The target:`; everything else stays. Clients know the broker by that
 * beginning, exactly so written, so the target must not have it.
 */
export function inTargetsName(text: string): string {
  return text.replace(BROKER_SPEAKS, TARGET_SPEAKS);
}

/** The same of bytes on their way to a client; as many bytes come out. */
export function bytesInTargetsName(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1');
  const said = inTargetsName(text);
  return said === text ? bytes : Buffer.from(said, 'latin1');
}

export function errorInTargetsName(error: ErrPacket): ErrPacket {
  return { ...error, message: inTargetsName(error.message) };
}
