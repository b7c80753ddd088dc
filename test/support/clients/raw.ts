import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import { type TLSSocket, connect as connectTls } from 'node:tls';
import {
  CACHING_SHA2_PASSWORD,
  scrambleCachingSha2Password,
  scrambleNativePassword,
} from '../../../src/protocols/mysql/wire/login/auth.js';
import {
  CLIENT_CONNECT_WITH_DB,
  CLIENT_LONG_PASSWORD,
  CLIENT_MULTI_RESULTS,
  CLIENT_PLUGIN_AUTH,
  CLIENT_PROTOCOL_41,
  CLIENT_SECURE_CONNECTION,
  CLIENT_SSL,
  CLIENT_TRANSACTIONS,
  withMariadbCapabilities,
} from '../../../src/protocols/mysql/wire/login/capabilities.js';
import { COM_QUERY, COM_STMT_PREPARE } from '../../../src/protocols/mysql/wire/commands.js';
import {
  type Greeting,
  decodeGreeting,
  encodeHandshakeResponse,
  encodeSslRequest,
} from '../../../src/protocols/mysql/wire/login/handshake.js';
import {
  PACKET_HEADER_BYTES,
  PACKET_PAYLOAD_BYTES_MAX,
  encodePackets,
} from '../../../src/protocols/mysql/wire/packet.js';
import { type ErrPacket, decodeErr, isErrPacket } from '../../../src/protocols/mysql/wire/packets.js';
import { type DecodedResponse, decodeResponse } from '../../../src/protocols/mysql/wire/response/result-decoder.js';
import { type ClientLogin } from './program.js';

const UTF8MB4_GENERAL_CI = 45;
const PACKET_BYTES_MAX = 1 << 30;
const AUTH_MORE_DATA = 0x01;
/** From here on a command's content is not copied. */
const LARGE_BYTES = 1024 * 1024;
const LIMIT_MS = 45_000;
/** For large answers, on a busy machine. */
const DRAIN_LIMIT_MS = 80_000;

const CAPABILITIES =
  (CLIENT_LONG_PASSWORD |
    CLIENT_PROTOCOL_41 |
    CLIENT_TRANSACTIONS |
    CLIENT_SECURE_CONNECTION |
    CLIENT_MULTI_RESULTS |
    CLIENT_PLUGIN_AUTH) >>>
  0;

export interface ReceivedPacket {
  readonly sequenceId: number;
  readonly payload: Buffer;
}

export interface LoginOptions {
  /** Added to the flags that the client asks for, whether they were offered or not. */
  readonly capabilities?: number;
  /** MariaDB's extended ones, whether they were offered or not. */
  readonly mariadbCapabilities?: number;
  readonly collation?: number;
  /** Sent in the same write, behind the login. */
  readonly pipelined?: Buffer;
}

/** A client that speaks packets, well formed or not. */
export class RawClient {
  #socket: Socket;
  /** What came and was not read. It is put together when it is looked at, so that large answers cost little. */
  #chunks: Buffer[] = [];
  #bytes = 0;
  #closed = false;
  #wake: () => void = () => undefined;
  #capabilities = CAPABILITIES;
  #greetedId = 0;

  static async open({ host, port }: Pick<ClientLogin, 'host' | 'port'>): Promise<RawClient> {
    const socket = connect({ host, port, noDelay: true });
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  /** Connects, logs in, and reads the OK. */
  static async logIn(login: ClientLogin, options: LoginOptions = {}): Promise<RawClient> {
    const client = await RawClient.open(login);
    const answer = await client.logIn(login, options);
    if (isErrPacket(answer)) throw new Error(`The login was refused: ${decodeErr(answer).message}`);
    return client;
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#listen(socket);
  }

  /** The flags that the last login asked for. */
  get capabilities(): number {
    return this.#capabilities;
  }

  /** The connection's id as the greeting said it. */
  get greetedId(): number {
    return this.#greetedId;
  }

  /** Whether the other side has closed the connection. */
  get isClosed(): boolean {
    return this.#closed;
  }

  /** Reads the greeting, answers it, and gives the payload that ends the login: OK or ERR. */
  async logIn(login: ClientLogin, options: LoginOptions = {}): Promise<Buffer> {
    const greeting = decodeGreeting((await this.packet()).payload);
    this.#greetedId = greeting.threadId;
    this.write(encodePackets(1, this.loginPayload(login, greeting, options)), options.pipelined);
    return this.loginAnswer();
  }

  /**
   * As {@link logIn}, behind TLS that is not verified; `behind` goes into the same write as the request for TLS, and
   * `repeated` are the flags that the login has besides the usual ones.
   */
  async logInWithTls(login: ClientLogin, behind?: Buffer, repeated: number = CLIENT_SSL): Promise<Buffer> {
    const greeting = decodeGreeting((await this.packet()).payload);
    const capabilities = (this.#capabilities | CLIENT_SSL) >>> 0;
    const request = { capabilities, collationId: UTF8MB4_GENERAL_CI, packetBytesMax: PACKET_BYTES_MAX };
    this.write(encodePackets(1, encodeSslRequest(request)), behind);
    this.#socket.removeAllListeners();
    const secure: TLSSocket = connectTls({ socket: this.#socket, rejectUnauthorized: false });
    this.#socket = secure;
    this.#listen(secure);
    await this.#until(() => secure.getProtocol() !== null && secure.getCipher() !== undefined);
    this.write(encodePackets(2, this.loginPayload(login, greeting, { capabilities: repeated })));
    return this.loginAnswer();
  }

  loginPayload(login: ClientLogin, greeting: Greeting, options: LoginOptions): Buffer {
    const { capabilities = 0, mariadbCapabilities = 0, collation } = options;
    const asked = (CAPABILITIES | capabilities | (login.database === undefined ? 0 : CLIENT_CONNECT_WITH_DB)) >>> 0;
    this.#capabilities =
      mariadbCapabilities === 0
        ? asked
        : withMariadbCapabilities((asked & ~CLIENT_LONG_PASSWORD) >>> 0, mariadbCapabilities);
    const scramble =
      greeting.authPlugin === CACHING_SHA2_PASSWORD ? scrambleCachingSha2Password : scrambleNativePassword;
    return encodeHandshakeResponse({
      capabilities: this.#capabilities,
      packetBytesMax: PACKET_BYTES_MAX,
      collationId: collation ?? UTF8MB4_GENERAL_CI,
      user: login.user,
      authResponse: scramble(login.password, greeting.authPluginData),
      ...(login.database === undefined ? {} : { database: login.database }),
      authPlugin: greeting.authPlugin,
      attributes: new Map(),
    });
  }

  async loginAnswer(): Promise<Buffer> {
    for (;;) {
      const { payload } = await this.packet();
      if (payload[0] !== AUTH_MORE_DATA) return payload;
    }
  }

  /** Writes bytes as they are. A single part must not be changed afterwards: it is not copied. */
  write(...bytes: readonly (Buffer | undefined)[]): void {
    const [first, ...others] = bytes.filter((part) => part !== undefined);
    if (first !== undefined) this.#socket.write(others.length === 0 ? first : Buffer.concat([first, ...others]));
  }

  /** Sends a command: its byte and what follows, which must not be changed afterwards. */
  command(command: number, content: Buffer | string = '', sequenceId = 0): void {
    const bytes = bytesOf(content);
    if (bytes.length < LARGE_BYTES) {
      this.write(commandPackets(command, bytes, sequenceId));
      return;
    }
    this.#socket.cork();
    for (const part of packetParts(command, bytes, sequenceId)) this.#socket.write(part);
    this.#socket.uncork();
  }

  /** Sends a command and gives the ERR that answers it. */
  async refused(command: number, content: Buffer | string = ''): Promise<ErrPacket> {
    this.command(command, content);
    return this.err();
  }

  async query(text: string): Promise<DecodedResponse> {
    this.command(COM_QUERY, text);
    return this.response(COM_QUERY);
  }

  /** Prepares a statement and gives the id. */
  async prepare(text: string): Promise<number> {
    this.command(COM_STMT_PREPARE, text);
    const { prepared, error } = await this.response(COM_STMT_PREPARE);
    if (prepared === undefined) throw new Error(`Nothing was prepared: ${error?.message}`);
    return prepared.statementId;
  }

  /** Reads a whole response to a command; `cursorRequested` when it was an execution that leaves its rows at the server. */
  async response(command: number, cursorRequested = false): Promise<DecodedResponse> {
    let response: DecodedResponse | undefined;
    let wire = 0;
    await this.#until(() => {
      response = decodeResponse(this.unread, { capabilities: this.#capabilities, command, cursorRequested });
      wire = this.#bytes;
      return response.complete;
    });
    if (response === undefined) throw new Error('There is no response');
    this.#keep(this.unread.subarray(wire)); // one command at a time: nothing follows its response
    return response;
  }

  /** Reads one packet, which must be ERR. */
  async err(): Promise<ErrPacket> {
    const { payload } = await this.packet();
    if (!isErrPacket(payload)) throw new Error(`Not an ERR: ${payload.subarray(0, 16).toString('hex')}`);
    return decodeErr(payload);
  }

  /** Reads one packet. */
  async packet(): Promise<ReceivedPacket> {
    await this.#until(() => this.#bytes >= PACKET_HEADER_BYTES);
    const end = PACKET_HEADER_BYTES + this.unread.readUIntLE(0, 3);
    await this.#until(() => this.#bytes >= end);
    const all = this.unread;
    this.#keep(all.subarray(end));
    return { sequenceId: all.readUInt8(3), payload: all.subarray(PACKET_HEADER_BYTES, end) };
  }

  /** Reads what has come, at least a byte. */
  async chunk(): Promise<Buffer> {
    await this.#until(() => this.#bytes > 0);
    const all = this.unread;
    this.#keep(Buffer.alloc(0));
    return all;
  }

  /** Waits until the other side has closed the connection. */
  async closed(): Promise<void> {
    await this.#until(() => this.#closed);
  }

  /** Bytes that came and were not read. */
  get unread(): Buffer {
    const [first] = this.#chunks;
    const all = first !== undefined && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks);
    this.#keep(all);
    return all;
  }

  /** Bytes that were written and have not left: the other side does not read them. */
  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  /** Reads no more from the connection, so that the other side feels it. */
  pause(): void {
    this.#socket.pause();
  }

  /** Reads the connection to its end, keeping nothing, and gives the number of bytes. */
  async drain(): Promise<number> {
    let bytes = this.#bytes;
    this.#keep(Buffer.alloc(0));
    this.#socket.removeAllListeners('data').on('data', (chunk: Buffer) => void (bytes += chunk.length));
    this.#socket.resume();
    await this.#until(() => this.#closed, DRAIN_LIMIT_MS);
    return bytes;
  }

  /** Says that nothing follows, and goes on reading. */
  end(): void {
    this.#socket.end();
  }

  /** Cuts the connection with RST. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  /** Gives the connection up, as a client that dies does. */
  destroy(): void {
    this.#socket.destroy();
  }

  #keep(unread: Buffer): void {
    this.#chunks = unread.length === 0 ? [] : [unread];
    this.#bytes = unread.length;
  }

  #listen(socket: Socket): void {
    socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#bytes += chunk.length;
      this.#wake();
    });
    socket.on('secureConnect', () => this.#wake());
    socket.on('error', () => undefined); // 'close' follows
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        this.#closed = true;
        this.#wake();
      });
    }
  }

  async #until(isThere: () => boolean, limitMs = LIMIT_MS): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => reject(new Error(`Nothing came in ${limitMs} ms`)), limitMs);
    const look = (): void => {
      if (isThere()) resolve();
      else if (this.#closed) reject(new Error('The connection was closed'));
    };
    this.#wake = look;
    look();
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#wake = () => undefined;
    }
  }
}

/** A command as its packets. */
export function commandPackets(command: number, content: Buffer | string = '', sequenceId = 0): Buffer {
  return encodePackets(sequenceId, Buffer.concat([Buffer.from([command]), bytesOf(content)]));
}

/** The same packets in parts, so that a large content is not copied. */
function* packetParts(command: number, content: Buffer, sequenceId: number): Generator<Buffer> {
  const payloadBytes = 1 + content.length;
  for (let start = 0, id = sequenceId; start <= payloadBytes; start += PACKET_PAYLOAD_BYTES_MAX, id += 1) {
    const bytes = Math.min(payloadBytes - start, PACKET_PAYLOAD_BYTES_MAX);
    const header = Buffer.alloc(PACKET_HEADER_BYTES);
    header.writeUIntLE(bytes, 0, 3);
    header.writeUInt8(id & 0xff, 3);
    yield header;
    if (start === 0) yield Buffer.from([command]);
    yield content.subarray(Math.max(start - 1, 0), start + bytes - 1);
  }
}

function bytesOf(content: Buffer | string): Buffer {
  return typeof content === 'string' ? Buffer.from(content) : content;
}
