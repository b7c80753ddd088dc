import type { BrokerError } from '../../../kernel/errors.js';
import { ChunkList } from './chunk-list.js';
import { PACKET_HEADER_BYTES, PACKET_PAYLOAD_BYTES_MAX } from './packet.js';
import { wireError } from './wire-error.js';

const FULL_PACKET_BYTES = PACKET_HEADER_BYTES + PACKET_PAYLOAD_BYTES_MAX;
const NOTHING: Buffer = Buffer.alloc(0);

/**
 * One whole payload as it came: most often one packet inside one chunk, of which this is only a view. The views are
 * made when they are asked for, since making a Buffer object costs several times what cutting the frame does.
 */
export class Frame {
  readonly sequenceId: number;
  readonly #bytes: Buffer;
  readonly #start: number;
  readonly #end: number;

  /** `bytes` from `start` to `end` are all packets of the payload, headers included. */
  constructor(bytes: Buffer, start: number, end: number, sequenceId: number) {
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
    this.sequenceId = sequenceId;
  }

  /** The first byte of the payload, which names the command; undefined for an empty payload. */
  get commandByte(): number | undefined {
    const at = this.#start + PACKET_HEADER_BYTES;
    return at < this.#end ? this.#bytes[at] : undefined;
  }

  /** The bytes between the headers; for a payload of one packet a view, else a copy. */
  get payload(): Buffer {
    if (this.wireBytes < FULL_PACKET_BYTES) {
      return this.#bytes.subarray(this.#start + PACKET_HEADER_BYTES, this.#end);
    }
    return joinPayloads(this.#bytes, this.#start, this.#end);
  }

  /** The payload after its first byte. */
  get argument(): Buffer {
    if (this.wireBytes < FULL_PACKET_BYTES) {
      return this.#bytes.subarray(Math.min(this.#start + PACKET_HEADER_BYTES + 1, this.#end), this.#end);
    }
    return joinPayloads(this.#bytes, this.#start, this.#end).subarray(1);
  }

  /** The bytes exactly as they came, to be forwarded without encoding them again. */
  get wire(): Buffer {
    if (this.#start === 0 && this.#end === this.#bytes.length) return this.#bytes;
    return this.#bytes.subarray(this.#start, this.#end);
  }

  /** The id of the payload's last packet: the answer counts on from it. */
  get lastSequenceId(): number {
    const fullPackets = Math.floor((this.wireBytes - PACKET_HEADER_BYTES) / FULL_PACKET_BYTES);
    return (this.sequenceId + fullPackets) & 0xff;
  }

  /** Headers included. */
  get wireBytes(): number {
    return this.#end - this.#start;
  }
}

export interface FrameDecoderOptions {
  /** The largest payload that is taken, over all its packets. */
  readonly payloadBytesMax: number;
}

/**
 * Cuts the client leg's byte stream into payloads by offsets. Bytes are pushed as they come and frames are pulled when
 * the owner is ready for one, so that one command is judged at a time and what was pipelined after it waits unread.
 *
 * It refuses a payload over the limit as soon as headers announce it, and packets whose sequence ids are not the ones
 * that must come: both sides of a proxy have to agree on where a command begins and ends, and an id that is off means
 * that they do not. After a refusal it stays failed.
 */
export class FrameDecoder {
  /** May be changed between frames: little before the client has authenticated, more afterwards. */
  payloadBytesMax: number;

  // What was pushed and not read: the chunk being read, those ready to be read after it (the next one is the last of
  // the array), and those after.
  #chunk: Buffer = NOTHING;
  #at = 0;
  #ready: Buffer[] = [];
  #readyBytes = 0;
  readonly #waiting = new ChunkList();

  // A frame that did not end in its chunk: what came of it, and where in its packets it stands.
  readonly #partial = new ChunkList();
  #header = 0;
  #headerBytes = 0;
  #packetBytesLeft = 0;
  #packetIsLast = true;
  #payloadBytes = 0;
  #packetCount = 0;
  #firstSequenceId = 0;

  #expectedSequenceId = 0;
  #failure: BrokerError | undefined;

  constructor(options: FrameDecoderOptions) {
    this.payloadBytesMax = options.payloadBytesMax;
  }

  /** Bytes pushed that no frame has given back yet. */
  get bufferedBytes(): number {
    return this.#chunk.length - this.#at + this.#readyBytes + this.#waiting.bytes + this.#partial.bytes;
  }

  /** Nothing is held, not even the start of a packet. */
  get isEmpty(): boolean {
    return this.bufferedBytes === 0;
  }

  /** Says which id the next frame must start with. Every command starts at 0, so after each frame that is the rule. */
  expectSequence(sequenceId: number): void {
    this.#expectedSequenceId = sequenceId;
    if (this.#packetCount > 0 && this.#firstSequenceId !== sequenceId) this.#failure ??= outOfOrder();
  }

  /** Takes bytes as they came from the socket. They are kept by reference: the caller does not write to them again. */
  push(chunk: Buffer): void {
    if (this.#at === this.#chunk.length && this.#readyBytes === 0 && this.#waiting.bytes === 0) {
      this.#chunk = chunk;
      this.#at = 0;
    } else {
      this.#waiting.append(chunk);
    }
  }

  /** Takes out all bytes that no frame has given back, for a peer that stops speaking in packets here: to start TLS. */
  takeUnread(): Buffer {
    const chunks = [...this.#partial.take(), this.#chunk.subarray(this.#at)];
    for (let next = this.#ready.pop(); next !== undefined; next = this.#ready.pop()) chunks.push(next);
    chunks.push(...this.#waiting.take());
    this.#chunk = NOTHING;
    this.#at = 0;
    this.#readyBytes = 0;
    this.#headerBytes = 0;
    this.#packetBytesLeft = 0;
    this.#packetCount = 0;
    this.#payloadBytes = 0;
    return Buffer.concat(chunks);
  }

  /** The next whole payload, or undefined until more bytes are pushed. */
  next(): Frame | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    for (;;) {
      const chunk = this.#chunk;
      const start = this.#at;
      if (start === chunk.length) {
        if (!this.#nextChunk()) return undefined;
        continue;
      }
      if (this.#partial.bytes === 0 && chunk.length - start >= PACKET_HEADER_BYTES) {
        // Length and sequence id in one read: the length is its lower three bytes.
        const header = chunk.readInt32LE(start);
        const payloadBytes = header & 0xffffff;
        const end = start + PACKET_HEADER_BYTES + payloadBytes;
        if (end <= chunk.length && payloadBytes < PACKET_PAYLOAD_BYTES_MAX) {
          const sequenceId = header >>> 24;
          this.#check(sequenceId, this.#expectedSequenceId, payloadBytes);
          this.#at = end;
          this.#expectedSequenceId = 0;
          return new Frame(chunk, start, end, sequenceId);
        }
      }
      const frame = this.#gather(chunk, start);
      if (frame !== undefined) return frame;
    }
  }

  /** Reads on in a frame that goes over more than one chunk or packet; undefined when the chunk ends before it. */
  #gather(chunk: Buffer, start: number): Frame | undefined {
    let at = start;
    let ended = false;
    while (at < chunk.length && !ended) {
      if (this.#packetBytesLeft === 0) {
        at = this.#readHeader(chunk, at);
        if (this.#headerBytes < PACKET_HEADER_BYTES) break;
      }
      const taken = Math.min(this.#packetBytesLeft, chunk.length - at);
      at += taken;
      this.#packetBytesLeft -= taken;
      if (this.#packetBytesLeft === 0) {
        this.#headerBytes = 0;
        ended = this.#packetIsLast;
      }
    }
    this.#partial.append(chunk.subarray(start, at));
    this.#at = at;
    return ended ? this.#endPartial() : undefined;
  }

  /** Reads what the chunk has of a packet's header, and when that is all of it, starts the packet. */
  #readHeader(chunk: Buffer, start: number): number {
    let at = start;
    while (this.#headerBytes < PACKET_HEADER_BYTES && at < chunk.length) {
      this.#header = (this.#headerBytes === 0 ? 0 : this.#header) | (chunk.readUInt8(at) << (8 * this.#headerBytes));
      this.#headerBytes += 1;
      at += 1;
    }
    if (this.#headerBytes === PACKET_HEADER_BYTES) this.#startPacket(this.#header & 0xffffff, this.#header >>> 24);
    return at;
  }

  #startPacket(packetBytes: number, sequenceId: number): void {
    if (this.#packetCount === 0) this.#firstSequenceId = this.#expectedSequenceId;
    this.#payloadBytes += packetBytes;
    this.#check(sequenceId, (this.#firstSequenceId + this.#packetCount) & 0xff, this.#payloadBytes);
    this.#packetCount += 1;
    this.#packetBytesLeft = packetBytes;
    // A full packet is always followed by another one of the same payload, if need be an empty one.
    this.#packetIsLast = packetBytes < PACKET_PAYLOAD_BYTES_MAX;
  }

  #endPartial(): Frame {
    const parts = this.#partial.take();
    const [only] = parts;
    const bytes = only !== undefined && parts.length === 1 ? only : Buffer.concat(parts);
    this.#packetCount = 0;
    this.#payloadBytes = 0;
    this.#expectedSequenceId = 0;
    return new Frame(bytes, 0, bytes.length, this.#firstSequenceId);
  }

  #check(sequenceId: number, expectedSequenceId: number, payloadBytes: number): void {
    if (sequenceId !== expectedSequenceId) {
      this.#failure = outOfOrder();
      throw this.#failure;
    }
    if (payloadBytes > this.payloadBytesMax) {
      this.#failure = wireError('payload_too_large', `At most ${this.payloadBytesMax} bytes are taken.`);
      throw this.#failure;
    }
  }

  #nextChunk(): boolean {
    if (this.#readyBytes === 0) {
      if (this.#waiting.bytes === 0) {
        this.#chunk = NOTHING; // or the last chunk would stay in memory as long as the session is idle
        this.#at = 0;
        return false;
      }
      this.#readyBytes = this.#waiting.bytes;
      this.#ready = this.#waiting.take().toReversed();
    }
    this.#chunk = this.#ready.pop() ?? NOTHING;
    this.#readyBytes -= this.#chunk.length;
    this.#at = 0;
    return true;
  }
}

function outOfOrder(): BrokerError {
  return wireError('packets_out_of_order', 'A packet has another sequence id than the one that must come.');
}

/** Drops the headers between the packets of a payload that is larger than one packet. */
function joinPayloads(bytes: Buffer, start: number, end: number): Buffer {
  const packets: Buffer[] = [];
  for (let at = start; at < end; at += FULL_PACKET_BYTES) {
    packets.push(bytes.subarray(at + PACKET_HEADER_BYTES, Math.min(at + FULL_PACKET_BYTES, end)));
  }
  return Buffer.concat(packets);
}
