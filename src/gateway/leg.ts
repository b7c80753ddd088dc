import { writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** What a leg tells its session. Nothing is told before {@link Leg.listen} returns. */
export interface LegListener {
  /** Bytes of the peer, which are the listener's only until this returns: what is kept has to be copied. */
  readonly onBytes: (bytes: Buffer) => void;
  /** The peer will send no more. */
  readonly onEnd?: () => void;
  /** There is room again after a write that gave false. */
  readonly onDrain: () => void;
  /** The connection is gone, whatever the reason. */
  readonly onClose: () => void;
}

/** How a leg reads and writes: past Node's streams where that can be done, or by them alone. */
export const SOCKET_WAYS = ['direct', 'stream'] as const;
export type SocketWay = (typeof SOCKET_WAYS)[number];

/** What a net.Socket stands on. It is not in the documentation, so a leg looks whether it is there. */
interface SocketHandle {
  /** -1, or another negative number, once the connection is closed. */
  readonly fd: number;
}

/** One read of the kernel's at most; as much as Node.js itself asks for. */
const READ_BYTES = 64 * 1024;
/** All legs read into this one: a listener is done with the bytes before the next read of any leg. */
const arrival = Buffer.allocUnsafeSlow(READ_BYTES);
const VIEW_BYTES_MAX = 2048;
/** Views of `arrival` by their length. Most reads are short and of a few lengths, and a view costs more than looking here. */
const views: (Buffer | undefined)[] = Array.from({ length: VIEW_BYTES_MAX }, () => undefined);

/**
 * One connection of a session, after its login. Reads arrive in one buffer that all legs share, and what the kernel takes
 * at once is written past Node's streams, which cost as much as all the gateway does with a statement. Everything else is
 * the stream's work: bytes that the kernel did not take, back-pressure, half-closing, errors.
 *
 * A leg over TLS, on a Node.js whose sockets stand on something else, or of the way `stream`, is an ordinary stream with the
 * same promises. docs/measured-tricks.md says what the direct way gains.
 */
export class Leg {
  /** The socket that was logged in, then perhaps the one that took its connection over. */
  #socket: Socket;
  /** Present while what is written may go to the kernel directly. */
  #handle: SocketHandle | undefined;
  readonly #arrived: () => void;
  readonly #way: SocketWay;

  /** `arrived` is told of all bytes before the listener is. */
  constructor(socket: Socket, way: SocketWay, arrived: () => void) {
    this.#socket = socket;
    this.#way = way;
    this.#arrived = arrived;
  }

  /** Starts to read. All that was written to the socket before is written first. */
  listen(listener: LegListener): void {
    const onBytes = (bytes: Buffer): void => {
      this.#arrived();
      listener.onBytes(bytes);
    };
    const taken = this.#way === 'direct' ? takeOver(this.#socket, onBytes) : undefined;
    if (taken === undefined) {
      this.#socket.on('data', onBytes);
    } else {
      this.#socket = taken.socket;
      this.#handle = taken.handle;
    }
    const socket = this.#socket;
    if (listener.onEnd !== undefined) socket.on('end', listener.onEnd);
    socket.on('drain', listener.onDrain);
    socket.on('error', () => {}); // 'close' follows and says all there is to say
    socket.on('close', listener.onClose);
    if (socket.closed) process.nextTick(listener.onClose); // it went while nobody listened
    socket.resume();
  }

  /** True when bytes go to the kernel past the stream. */
  get isDirect(): boolean {
    return this.#handle !== undefined;
  }

  get destroyed(): boolean {
    return this.#socket.destroyed;
  }

  /** `end` was called. */
  get writableEnded(): boolean {
    return this.#socket.writableEnded;
  }

  /** A write gave false, and `onDrain` is still to come. */
  get writableNeedDrain(): boolean {
    return this.#socket.writableNeedDrain;
  }

  /** Sends bytes that nobody changes any more. False asks to send no more before `onDrain`. */
  write(bytes: Buffer): boolean {
    const rest = this.#writeDirectly(bytes);
    return rest === undefined || this.#socket.write(rest);
  }

  /** Sends bytes that are the caller's only until this returns, such as those a listener got. Else as `write`. */
  pass(bytes: Buffer): boolean {
    const rest = this.#writeDirectly(bytes);
    return rest === undefined || this.#socket.write(Buffer.from(rest));
  }

  /** Stops reading, so that the peer has to wait. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Sends the last bytes and then says that no more come. */
  end(bytes?: Buffer): void {
    if (bytes === undefined) this.#socket.end();
    else this.#socket.end(bytes);
  }

  /** Closes at once; what was not sent is lost. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** Destroys the connection unless it closes by itself in this time. */
  destroyAfter(ms: number): void {
    const socket = this.#socket;
    const timer = setTimeout(() => socket.destroy(), ms);
    socket.once('close', () => clearTimeout(timer));
  }

  /** Gives what the kernel did not take, undefined when it took all. */
  #writeDirectly(bytes: Buffer): Buffer | undefined {
    const handle = this.#handle;
    const socket = this.#socket;
    // Bytes that wait in the stream go first. A closed handle has no descriptor: its number may be another file's by now.
    if (handle === undefined || socket.writableLength > 0 || socket.writableEnded || socket.destroyed) return bytes;
    const { fd } = handle;
    if (fd < 0) return bytes;
    let written: number;
    try {
      written = writeSync(fd, bytes, 0, bytes.length);
    } catch {
      return bytes; // no room, or the peer is gone: the stream waits for room, and tells of errors
    }
    return written === bytes.length ? undefined : bytes.subarray(written);
  }
}

interface TakenOver {
  readonly socket: Socket;
  readonly handle: SocketHandle;
}

/**
 * Puts another socket, one that reads into the shared buffer, on the connection of this one: `onread` can only be given
 * when a socket is made, and the sockets of a server are made by it. Undefined where that cannot be done.
 */
function takeOver(socket: Socket, onBytes: (bytes: Buffer) => void): TakenOver | undefined {
  const isUnderWay = socket.writableLength > 0 || socket.readableLength > 0 || socket.readableEnded;
  if (socket instanceof TLSSocket || socket.destroyed || isUnderWay) return undefined;
  const handle: unknown = Reflect.get(socket, '_handle');
  if (!isSocketHandle(handle)) return undefined;
  const callback = (count: number): boolean => {
    onBytes(count < VIEW_BYTES_MAX ? viewOf(count) : arrival.subarray(0, count));
    return true;
  };
  const options = { handle, allowHalfOpen: socket.allowHalfOpen, onread: { buffer: arrival, callback } };
  // Not in the types, which know of a handle of another kind only.
  const successor: unknown = Reflect.construct(Socket, [options]);
  if (!(successor instanceof Socket) || Reflect.get(successor, '_handle') !== handle) return undefined;
  Reflect.set(socket, '_handle', null); // or both would close it
  // Those that wait for the end of the first socket, its server among them, are told when the connection ends.
  successor.once('close', () => socket.destroy());
  return { socket: successor, handle };
}

function isSocketHandle(handle: unknown): handle is SocketHandle {
  return (
    typeof handle === 'object' &&
    handle !== null &&
    'fd' in handle &&
    typeof handle.fd === 'number' &&
    handle.fd >= 0 &&
    'useUserBuffer' in handle
  );
}

function viewOf(count: number): Buffer {
  const known = views[count];
  if (known !== undefined) return known;
  const view = arrival.subarray(0, count);
  views[count] = view;
  return view;
}
