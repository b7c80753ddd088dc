import type { Socket } from 'node:net';
import { BrokerError, brokerErrorOf } from '../../../kernel/errors.js';
import type { ErrorCode } from '../../../kernel/errors/error-table.js';
import { type Frame, FrameDecoder } from '../wire/frame-decoder.js';
import { encodePackets } from '../wire/packet.js';

export interface HandshakeChannelOptions {
  readonly payloadBytesMax: number;
  /** Milliseconds for the whole handshake, from the making of the channel. */
  readonly timeoutMs: number;
  readonly codes: { readonly timeout: ErrorCode; readonly closed: ErrorCode };
}

/**
 * One packet at a time over a socket, with sequence ids kept: what the handshakes of both legs need. Not for the relay,
 * which never waits for single packets. Call {@link release} to hand the socket on; the channel keeps no listener.
 */
export class HandshakeChannel {
  #socket: Socket;
  readonly #decoder: FrameDecoder;
  readonly #codes: HandshakeChannelOptions['codes'];
  readonly #unreadBytesMax: number;
  readonly #timer: NodeJS.Timeout;
  #sequenceId = 0;
  #failure: BrokerError | undefined;
  readonly #failed = Promise.withResolvers<never>();
  #waiting: { resolve: (frame: Frame) => void; reject: (error: BrokerError) => void } | undefined;

  constructor(socket: Socket, options: HandshakeChannelOptions) {
    this.#socket = socket;
    this.#codes = options.codes;
    this.#decoder = new FrameDecoder({ payloadBytesMax: options.payloadBytesMax });
    this.#unreadBytesMax = 2 * options.payloadBytesMax;
    this.#timer = setTimeout(() => this.#fail(new BrokerError(this.#codes.timeout)), options.timeoutMs);
    this.#failed.promise.catch(() => {}); // most often nobody waits for it
    this.#listen(socket);
  }

  get socket(): Socket {
    return this.#socket;
  }

  /** The id that the next packet of either side carries. */
  get sequenceId(): number {
    return this.#sequenceId;
  }

  /** Waits for the peer's next payload. */
  read(): Promise<Buffer> {
    const { promise, resolve, reject } = Promise.withResolvers<Frame>();
    this.#waiting = { resolve, reject };
    this.#deliver();
    return promise.then((frame) => {
      this.#sequenceId = (frame.lastSequenceId + 1) & 0xff;
      return frame.payload;
    });
  }

  /** Waits for something else that the peer has to do, such as a TLS handshake, and no longer than for a payload. */
  until<T>(done: Promise<T>): Promise<T> {
    return Promise.race([done, this.#failed.promise]);
  }

  write(payload: Buffer): void {
    this.#socket.write(encodePackets(this.#sequenceId, payload));
    this.#sequenceId = (this.#sequenceId + 1) & 0xff;
  }

  /**
   * Goes on over another socket made on top of this one: `wrap` gets the bare socket, with the bytes that came already
   * put back into it. They were never read as packets, so nothing that was sent in the clear counts behind TLS.
   */
  upgrade(wrap: (socket: Socket) => Socket): void {
    const bare = this.#socket;
    this.#unlisten();
    bare.pause();
    const unread = this.#decoder.takeUnread();
    if (unread.length > 0) bare.unshift(unread);
    this.#socket = wrap(bare);
    this.#listen(this.#socket);
  }

  /** Ends the channel and gives its socket; no byte may have come that was not asked for. */
  release(): Socket {
    clearTimeout(this.#timer);
    this.#unlisten();
    if (this.#failure !== undefined) throw this.#failure;
    if (!this.#decoder.isEmpty)
      throw new BrokerError('packets_out_of_order', { detail: 'Bytes came before the login had ended.' });
    return this.#socket;
  }

  /** Ends the channel without regard for what is unread. */
  abandon(): void {
    clearTimeout(this.#timer);
    this.#unlisten();
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#failure !== undefined) return;
    this.#decoder.push(chunk);
    // A peer that waits for its answers never has more than one packet under way; what it sends is not heaped up.
    if (this.#decoder.bufferedBytes > this.#unreadBytesMax) this.#fail(new BrokerError('payload_too_large'));
    this.#deliver();
  };
  readonly #onClosed = (): void =>
    this.#fail(new BrokerError(this.#codes.closed, { detail: 'The connection was closed during the login.' }));
  readonly #onError = (error: Error): void => this.#fail(new BrokerError(this.#codes.closed, { cause: error }));

  #listen(socket: Socket): void {
    socket.on('data', this.#onData);
    socket.on('end', this.#onClosed);
    socket.on('close', this.#onClosed);
    socket.on('error', this.#onError);
  }

  #unlisten(): void {
    this.#socket.off('data', this.#onData);
    this.#socket.off('end', this.#onClosed);
    this.#socket.off('close', this.#onClosed);
    this.#socket.off('error', this.#onError);
  }

  #deliver(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    if (this.#failure !== undefined) {
      this.#waiting = undefined;
      waiting.reject(this.#failure);
      return;
    }
    try {
      this.#decoder.expectSequence(this.#sequenceId);
      const frame = this.#decoder.next();
      if (frame === undefined) return;
      this.#waiting = undefined;
      waiting.resolve(frame);
    } catch (error) {
      this.#fail(brokerErrorOf(error, 'handshake_invalid'));
    }
  }

  #fail(error: BrokerError): void {
    this.#failure ??= error;
    this.#failed.reject(this.#failure);
    clearTimeout(this.#timer);
    this.#deliver();
  }
}
