import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'; // RFC 6455, section 1.3
const OPCODE = { continuation: 0, text: 1, close: 8, ping: 9, pong: 10 } as const;
const FRAME_BYTES_MAX = 256 * 1024;
const NORMAL_CLOSURE = Buffer.from([0x03, 0xe8]); // 1000

/** The server's side of one WebSocket (RFC 6455): texts alone, no extensions. */
export class WebSocketLine {
  #pending = Buffer.alloc(0);
  #text: Buffer[] = [];
  #isSilent = false;
  #isClosed = false;

  readonly #socket: Duplex;
  readonly #hears: { text(text: string): void; closed(): void };

  constructor(socket: Duplex, hears: { text(text: string): void; closed(): void }) {
    this.#socket = socket;
    this.#hears = hears;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', () => this.cut());
    socket.on('end', () => this.cut()); // sockets of an HTTP server stay half open by themselves
    socket.on('close', () => this.#close());
  }

  get isOpen(): boolean {
    return !this.#isClosed;
  }

  send(text: string): void {
    if (!this.#isSilent) this.#write(OPCODE.text, Buffer.from(text));
  }

  ping(): void {
    if (!this.#isSilent) this.#write(OPCODE.ping, Buffer.alloc(0));
  }

  /** Says good-bye, and waits for the other side's. */
  close(): void {
    this.#write(OPCODE.close, NORMAL_CLOSURE);
  }

  /** Is there no more, without a word. */
  cut(): void {
    this.#socket.destroy();
    this.#close();
  }

  /** From now on it takes nothing and sends nothing, and stays open: a connection whose other end is gone. */
  goSilent(): void {
    this.#isSilent = true;
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#hears.closed();
  }

  #take(chunk: Buffer): void {
    if (this.#isSilent) return;
    this.#pending = Buffer.concat([this.#pending, chunk]);
    if (this.#pending.length > 2 * FRAME_BYTES_MAX) return this.cut();
    for (let frame = frameOf(this.#pending); frame !== undefined; frame = frameOf(this.#pending)) {
      this.#pending = this.#pending.subarray(frame.bytes);
      this.#hear(frame);
    }
  }

  #hear({ opcode, isLast, payload }: Frame): void {
    if (opcode === OPCODE.ping) return this.#write(OPCODE.pong, payload);
    if (opcode === OPCODE.close) {
      this.#write(OPCODE.close, payload);
      this.#socket.end();
      return this.#close();
    }
    if (opcode !== OPCODE.text && opcode !== OPCODE.continuation) return;
    this.#text.push(payload);
    if (!isLast) return;
    const text = Buffer.concat(this.#text).toString('utf8');
    this.#text = [];
    this.#hears.text(text);
  }

  #write(opcode: number, payload: Buffer): void {
    if (this.#isClosed || this.#socket.destroyed) return;
    this.#socket.write(Buffer.concat([headOf(opcode, payload.length), payload]));
  }
}

/** Answers the upgrade. @returns whether it was one */
export function acceptUpgrade({ headers }: IncomingMessage, socket: Duplex): boolean {
  const key = headers['sec-websocket-key'];
  if (key === undefined || headers.upgrade?.toLowerCase() !== 'websocket') return false;
  const accept = createHash('sha1').update(`${key}${GUID}`).digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  return true;
}

interface Frame {
  readonly opcode: number;
  readonly isLast: boolean;
  readonly payload: Buffer;
  /** Of the whole frame. */
  readonly bytes: number;
}

/** The first frame, undefined while it is not whole. What clients send is masked. */
function frameOf(from: Buffer): Frame | undefined {
  if (from.length < 2) return undefined;
  const [first = 0, second = 0] = from;
  const short = second & 0x7f;
  const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
  const head = 2 + lengthBytes + 4;
  if (from.length < head) return undefined;
  const length = lengthBytes === 2 ? from.readUInt16BE(2) : lengthBytes === 8 ? Number(from.readBigUInt64BE(2)) : short;
  if (from.length < head + length) return undefined;
  const mask = from.subarray(head - 4, head);
  const payload = Buffer.from(from.subarray(head, head + length)).map((byte, index) => byte ^ (mask[index % 4] ?? 0));
  return { opcode: first & 0x0f, isLast: (first & 0x80) !== 0, payload: Buffer.from(payload), bytes: head + length };
}

function headOf(opcode: number, length: number): Buffer {
  if (length < 126) return Buffer.from([0x80 | opcode, length]);
  if (length < 65_536) return Buffer.from([0x80 | opcode, 126, length >> 8, length & 0xff]);
  const head = Buffer.alloc(10);
  head.writeUInt8(0x80 | opcode, 0);
  head.writeUInt8(127, 1);
  head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}
