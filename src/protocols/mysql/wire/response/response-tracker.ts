import type { BrokerError } from '../../../../kernel/errors.js';
import { PACKET_HEADER_BYTES, PACKET_PAYLOAD_BYTES_MAX } from '../packet.js';
import { EOF_HEADER, ERR_HEADER, type ErrPacket } from '../packets.js';
import { NO_FIRST_BYTE } from './expected-packet.js';
import { ResponseGrammar } from './response-grammar.js';
import type { PreparedHead, ResponseResult } from './response-result.js';
import { wireError } from '../wire-error.js';

/** OK, ERR and heads are read whole, so they have a limit; the session state in an OK is by far the longest part. */
export const CONTROL_PAYLOAD_BYTES_MAX = 1024 * 1024;

/** What a text row that starts with a value of 16 MiB has at least after its first packet: 1 + 8 + 2^24 bytes in all. */
const HUGE_ROW_REST_BYTES_MIN = 10;

const NOTHING: Buffer = Buffer.alloc(0);

/**
 * Follows the target's answer to one command, so that the owner knows where it ends and what came of it without
 * decoding it. Bytes in, an offset out: no sockets, and no copies but of the few packets that are read whole.
 *
 * This file cuts packets out of chunks, however they are split, and counts sequence ids; of most packets it looks at
 * the header and the first payload byte and steps over the rest. What a packet is, and which must come next, is in
 * response-grammar.ts.
 *
 * What the protocol does not allow throws `target_protocol_violation`, and the tracker is of no use afterwards: nobody
 * knows any longer which bytes belong to what, so the owner drops the target leg.
 */
export class ResponseTracker {
  readonly #grammar: ResponseGrammar;

  // The packet being followed: its header and first byte as far as they came, then what is left of it to step over
  // or to put together.
  #header = 0;
  #headerBytes = 0;
  #skipBytes = 0;
  #controlBytes = 0;
  #control: Buffer = NOTHING;
  #controlFilled = 0;
  #controlIsError = false;

  #sequenceId = 0;
  /** Nothing of the response has come yet. */
  #untouched = true;
  /** The last packet was full, so the next one carries on with its payload. */
  #continues = false;
  /** What the next packet must have at least, or clients would disagree on whether this payload is a row or the end. */
  #restBytesMin = 0;
  /** True outside of a push that ended well: set while bytes are followed, and left set by whatever throws. */
  #broken = false;

  /** `capabilities` are those agreed on with the target. */
  constructor(capabilities: number) {
    this.#grammar = new ResponseGrammar(capabilities);
  }

  /** The response has ended, or the command has none. */
  get done(): boolean {
    return this.#grammar.done;
  }

  /** The results that have ended, in order. A new array for every command, so it may be kept. */
  get results(): readonly ResponseResult[] {
    return this.#grammar.results;
  }

  /** The error that ended the response. */
  get error(): ErrPacket | undefined {
    return this.#grammar.error;
  }

  /** Of the payload of that error's packet: with it the response ends. */
  get errorBytes(): number {
    return this.#grammar.errorBytes;
  }

  /** Of the payload of an ERR packet that has begun and is not whole: with them the bytes end that were pushed. */
  get errorBytesBegun(): number {
    return this.#controlIsError ? this.#controlFilled : 0;
  }

  /** The head of the response to COM_STMT_PREPARE. */
  get prepared(): PreparedHead | undefined {
    return this.#grammar.prepared;
  }

  /** The server status that came last, over all responses. */
  get statusFlags(): number {
    return this.#grammar.statusFlags;
  }

  /** Rows of a result set that has not ended (yet, or because of `error`). */
  get rowsPending(): number {
    return this.#grammar.rowsPending;
  }

  /** The id that the next packet would carry; undefined in the middle of one, where no other packet can be put. */
  get nextSequenceId(): number | undefined {
    const isBetweenPackets =
      !this.#broken && this.#headerBytes === 0 && this.#skipBytes === 0 && this.#controlBytes === 0 && !this.#continues;
    return isBetweenPackets ? this.#sequenceId : undefined;
  }

  /**
   * Starts the response to an allowed command. `requestSequenceId` is the id of the request's last packet; the answer
   * counts on from it. `cursorRequested` says that COM_STMT_EXECUTE asked for a cursor: only then does
   * SERVER_STATUS_CURSOR_EXISTS mean that no rows follow, since a procedure with a cursor of its own sets it as well.
   */
  begin(command: number, requestSequenceId = 0, cursorRequested = false): void {
    if (this.#broken) throw brokenBefore();
    this.#grammar.begin(command, cursorRequested);
    this.#sequenceId = (requestSequenceId + 1) & 0xff;
    this.#untouched = true;
  }

  /**
   * Follows the bytes of `chunk` from `offset` on. Returns the offset after the last one that belongs to this
   * response: the chunk's length, or less when the response ends inside it.
   */
  push(chunk: Buffer, offset = 0): number {
    if (this.#broken) throw brokenBefore();
    this.#broken = true;
    let at = offset;
    while (at < chunk.length && !this.#grammar.done) {
      if (this.#skipBytes > 0) {
        at = this.#skip(chunk, at);
      } else if (this.#controlBytes > 0) {
        at = this.#collect(chunk, at);
      } else {
        if (this.#grammar.inRows && this.#headerBytes === 0 && !this.#continues) at = this.#skimRows(chunk, at);
        at = this.#readHeader(chunk, at);
      }
    }
    this.#broken = false;
    return at;
  }

  /** The loop that costs: steps over the rows that are whole in this chunk, and stops at anything else. */
  #skimRows(chunk: Buffer, start: number): number {
    const lastStart = chunk.length - PACKET_HEADER_BYTES - 1;
    const rowFirstMax = this.#grammar.rowFirstByteMax;
    let at = start;
    let sequenceId = this.#sequenceId;
    let rows = 0;
    while (at <= lastStart) {
      // Length and sequence id in one read: the length is its lower three bytes.
      const header = chunk.readInt32LE(at);
      const payloadBytes = header & 0xffffff;
      const end = at + PACKET_HEADER_BYTES + payloadBytes;
      if (header >>> 24 !== sequenceId || end > chunk.length) break;
      if (payloadBytes === 0 || payloadBytes === PACKET_PAYLOAD_BYTES_MAX) break;
      if (chunk.readUInt8(at + PACKET_HEADER_BYTES) > rowFirstMax) break;
      at = end;
      sequenceId = (sequenceId + 1) & 0xff;
      rows += 1;
    }
    if (rows > 0) {
      this.#sequenceId = sequenceId;
      this.#untouched = false;
      this.#grammar.rowsPassed(rows);
    }
    return at;
  }

  /** Reads a header and looks at the payload's first byte, over as many chunks as they take; then starts the packet. */
  #readHeader(chunk: Buffer, start: number): number {
    let at = start;
    if (this.#headerBytes === 0 && chunk.length - start >= PACKET_HEADER_BYTES) {
      // Whole in this chunk, as most headers are: length and sequence id in one read.
      this.#header = chunk.readInt32LE(start);
      this.#headerBytes = PACKET_HEADER_BYTES;
      at += PACKET_HEADER_BYTES;
    }
    while (at < chunk.length && this.#headerBytes < PACKET_HEADER_BYTES) {
      this.#header = (this.#headerBytes === 0 ? 0 : this.#header) | (chunk.readUInt8(at) << (8 * this.#headerBytes));
      this.#headerBytes += 1;
      at += 1;
    }
    if (this.#headerBytes < PACKET_HEADER_BYTES) return at;
    const payloadBytes = this.#header & 0xffffff;
    // The middle of a payload and an empty one have no first byte to wait for.
    if (this.#continues) this.#continuePayload(payloadBytes, this.#header >>> 24);
    else if (payloadBytes === 0) this.#startPayload(payloadBytes, this.#header >>> 24, NO_FIRST_BYTE);
    else if (at < chunk.length) this.#startPayload(payloadBytes, this.#header >>> 24, chunk.readUInt8(at));
    else return at;
    this.#headerBytes = 0;
    return at;
  }

  #startPayload(payloadBytes: number, sequenceId: number, first: number): void {
    // A server that gives up a session while it is idle (killed, timed out) says so unasked, with an id of 0, and the
    // next command finds that ERR where its answer would be.
    const unasked = this.#untouched && sequenceId === 0 && first === ERR_HEADER;
    if (!unasked) this.#expectSequence(sequenceId);
    this.#untouched = false;
    this.#continues = payloadBytes === PACKET_PAYLOAD_BYTES_MAX;
    if (!this.#grammar.isControl(payloadBytes, first)) {
      this.#restBytesMin = first === EOF_HEADER ? HUGE_ROW_REST_BYTES_MIN : 0;
      this.#skipBytes = payloadBytes;
      return;
    }
    if (payloadBytes > CONTROL_PAYLOAD_BYTES_MAX) {
      throw wireError('target_protocol_violation', 'A status packet is too long.');
    }
    this.#controlBytes = payloadBytes;
    this.#controlIsError = first === ERR_HEADER;
  }

  #continuePayload(payloadBytes: number, sequenceId: number): void {
    this.#expectSequence(sequenceId);
    if (payloadBytes < this.#restBytesMin) {
      throw wireError('target_protocol_violation', 'A row starts with a value that it is too short for.');
    }
    this.#restBytesMin = 0;
    this.#continues = payloadBytes === PACKET_PAYLOAD_BYTES_MAX;
    this.#skipBytes = payloadBytes;
    if (payloadBytes === 0) this.#grammar.contentEnded();
  }

  #expectSequence(sequenceId: number): void {
    if (sequenceId !== this.#sequenceId) {
      throw wireError('target_protocol_violation', 'A packet has another sequence id than the one that must come.');
    }
    this.#sequenceId = (sequenceId + 1) & 0xff;
  }

  #skip(chunk: Buffer, start: number): number {
    const taken = Math.min(this.#skipBytes, chunk.length - start);
    this.#skipBytes -= taken;
    if (this.#skipBytes === 0 && !this.#continues) this.#grammar.contentEnded();
    return start + taken;
  }

  /** Puts a packet together that is read whole. Most often it is whole in its chunk, and then nothing is copied. */
  #collect(chunk: Buffer, start: number): number {
    const missing = this.#controlBytes - this.#controlFilled;
    if (
      this.#controlFilled === 0 &&
      missing <= chunk.length - start &&
      this.#grammar.readInPlace(chunk, start, missing)
    ) {
      this.#controlBytes = 0;
      return start + missing;
    }
    const taken = Math.min(missing, chunk.length - start);
    if (taken < this.#controlBytes) {
      if (this.#controlFilled === 0) this.#control = Buffer.allocUnsafe(this.#controlBytes);
      chunk.copy(this.#control, this.#controlFilled, start, start + taken);
      this.#controlFilled += taken;
      if (taken < missing) return start + taken;
    }
    const payload = this.#controlFilled > 0 ? this.#control : chunk.subarray(start, start + taken);
    this.#control = NOTHING;
    this.#controlBytes = 0;
    this.#controlFilled = 0;
    this.#grammar.read(payload);
    return start + taken;
  }
}

function brokenBefore(): BrokerError {
  return wireError('target_protocol_violation', 'The response was broken before.');
}
