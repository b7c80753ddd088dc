import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import {
  CACHING_SHA2_PASSWORD,
  scrambleCachingSha2Password,
  scrambleNativePassword,
} from '../../src/wire/mysql/auth.js';
import {
  CLIENT_CONNECT_WITH_DB,
  CLIENT_LONG_FLAG,
  CLIENT_LONG_PASSWORD,
  CLIENT_MULTI_RESULTS,
  CLIENT_PLUGIN_AUTH,
  CLIENT_PROTOCOL_41,
  CLIENT_PS_MULTI_RESULTS,
  CLIENT_SECURE_CONNECTION,
  CLIENT_TRANSACTIONS,
} from '../../src/wire/mysql/capabilities.js';
import {
  COM_QUERY,
  COM_STMT_EXECUTE,
  COM_STMT_FETCH,
  COM_STMT_PREPARE,
  CURSOR_TYPE_NO_CURSOR,
} from '../../src/wire/mysql/commands.js';
import { decodeGreeting, encodeHandshakeResponse, type Greeting } from '../../src/wire/mysql/handshake.js';
import { PayloadWriter } from '../../src/wire/mysql/lenenc.js';
import { PACKET_HEADER_BYTES, encodePackets } from '../../src/wire/mysql/packet.js';
import { ResponseTracker } from '../../src/wire/mysql/response-tracker.js';
import { type ClientLogin } from '../support/clients/program.js';

const UTF8MB4_GENERAL_CI = 45;
const PACKET_BYTES_MAX = 1 << 30;
const AUTH_MORE_DATA = 0x01;
const LIMIT_MS = 25_000;

const CAPABILITIES =
  (CLIENT_LONG_PASSWORD |
    CLIENT_LONG_FLAG |
    CLIENT_PROTOCOL_41 |
    CLIENT_TRANSACTIONS |
    CLIENT_SECURE_CONNECTION |
    CLIENT_MULTI_RESULTS |
    CLIENT_PS_MULTI_RESULTS |
    CLIENT_PLUGIN_AUTH) >>>
  0;

export interface WireOptions {
  /** Added to the flags that the client asks for. */
  readonly capabilities?: number;
  readonly collation?: number;
}

/** One parameter of an execution: its type byte, whether it is unsigned, and its bytes; null is NULL. */
export interface Parameter {
  readonly type: number;
  readonly unsigned?: boolean;
  readonly bytes: Buffer | null;
}

export interface ExecuteOptions {
  readonly flags?: number;
  /** Leave the types out, as drivers do from the second execution on. */
  readonly withoutTypes?: boolean;
  /** Parameters whose values went ahead in pieces. */
  readonly sentAhead?: readonly number[];
}

/**
 * A client that gives answers as the bytes that came, to the last one, of any size: what is the same directly and
 * through an endpoint is the same here.
 */
export class WireClient {
  readonly #socket: Socket;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  #closed = false;
  #wake: () => void = () => undefined;
  #tracker: ResponseTracker | undefined;

  /** Connects and logs in with the plugin that the server greets with. The first answer is the OK of the login. */
  static async logIn(login: ClientLogin, options: WireOptions = {}): Promise<{ client: WireClient; ok: Buffer }> {
    const socket = connect({ host: login.host, port: login.port, noDelay: true });
    await once(socket, 'connect');
    const client = new WireClient(socket);
    const greeting = decodeGreeting(await client.#payload());
    const capabilities =
      (CAPABILITIES | (options.capabilities ?? 0) | (login.database === undefined ? 0 : CLIENT_CONNECT_WITH_DB)) >>> 0;
    client.#tracker = new ResponseTracker(capabilities);
    socket.write(
      encodePackets(1, loginPayload(login, greeting, capabilities, options.collation ?? UTF8MB4_GENERAL_CI)),
    );
    let ok = await client.#payload();
    while (ok[0] === AUTH_MORE_DATA) ok = await client.#payload();
    return { client, ok };
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#bytes += chunk.length;
      this.#wake();
    });
    socket.on('error', () => undefined); // 'close' follows
    socket.on('close', () => {
      this.#closed = true;
      this.#wake();
    });
  }

  /** Sends a command that has no answer. */
  send(command: number, content: Buffer | string = ''): void {
    this.#socket.write(encodePackets(0, Buffer.concat([Buffer.from([command]), Buffer.from(content)])));
  }

  /** Sends a command and gives its whole answer, packet headers included. */
  async exchange(command: number, content: Buffer | string = '', cursorRequested = false): Promise<Buffer> {
    const payload = Buffer.concat([Buffer.from([command]), Buffer.from(content)]);
    const packets = encodePackets(0, payload);
    const tracker = this.#trackerInUse();
    const lastSequenceId = Math.floor(payload.length / 0xffffff);
    tracker.begin(command, lastSequenceId, cursorRequested);
    this.#socket.write(packets);
    const answer: Buffer[] = [];
    while (!tracker.done) {
      await this.#until(() => this.#chunks.length > 0);
      for (let chunk = this.#chunks.shift(); chunk !== undefined && !tracker.done; chunk = this.#chunks.shift()) {
        this.#bytes -= chunk.length;
        const end = tracker.push(chunk);
        if (end < chunk.length) throw new Error('Bytes came behind the answer');
        answer.push(chunk);
      }
    }
    if (this.#bytes > 0) throw new Error('Bytes came behind the answer');
    return Buffer.concat(answer);
  }

  query(text: Buffer | string): Promise<Buffer> {
    return this.exchange(COM_QUERY, text);
  }

  /** Prepares a statement; `id` is of use only when it was. */
  async prepare(text: Buffer | string): Promise<{ readonly id: number; readonly answer: Buffer }> {
    const answer = await this.exchange(COM_STMT_PREPARE, text);
    return { id: this.#trackerInUse().prepared?.statementId ?? 0, answer };
  }

  execute(id: number, parameters: readonly Parameter[] = [], options: ExecuteOptions = {}): Promise<Buffer> {
    const flags = options.flags ?? CURSOR_TYPE_NO_CURSOR;
    return this.exchange(COM_STMT_EXECUTE, executeContent(id, parameters, options), flags !== CURSOR_TYPE_NO_CURSOR);
  }

  fetch(id: number, rows: number): Promise<Buffer> {
    return this.exchange(COM_STMT_FETCH, new PayloadWriter().uint32(id).uint32(rows).finish());
  }

  /** Ends the connection as a client that quits. */
  close(): void {
    this.#socket.end(encodePackets(0, Buffer.from([0x01])));
  }

  #trackerInUse(): ResponseTracker {
    if (this.#tracker === undefined) throw new Error('Not logged in');
    return this.#tracker;
  }

  /** One packet's payload, during the login. */
  async #payload(): Promise<Buffer> {
    const lengthOf = (bytes: Buffer): number => PACKET_HEADER_BYTES + bytes.readUIntLE(0, 3);
    await this.#until(() => {
      if (this.#bytes < PACKET_HEADER_BYTES) return false;
      const all = Buffer.concat(this.#chunks);
      this.#chunks.splice(0, this.#chunks.length, all);
      return all.length >= lengthOf(all);
    });
    const all = Buffer.concat(this.#chunks);
    const end = lengthOf(all);
    this.#chunks.splice(0, this.#chunks.length, ...(end < all.length ? [all.subarray(end)] : []));
    this.#bytes = all.length - end;
    return all.subarray(PACKET_HEADER_BYTES, end);
  }

  async #until(isThere: () => boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => reject(new Error(`Nothing came in ${LIMIT_MS} ms`)), LIMIT_MS);
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

/** The content of COM_STMT_EXECUTE. */
export function executeContent(
  id: number,
  parameters: readonly Parameter[],
  { flags = CURSOR_TYPE_NO_CURSOR, withoutTypes = false, sentAhead = [] }: ExecuteOptions,
): Buffer {
  const writer = new PayloadWriter().uint32(id).uint8(flags).uint32(1);
  if (parameters.length === 0) return writer.finish();
  const nulls = Buffer.alloc((parameters.length + 7) >> 3);
  for (const [index, { bytes }] of parameters.entries()) {
    if (bytes === null) nulls.writeUInt8(nulls.readUInt8(index >> 3) | (1 << (index & 7)), index >> 3);
  }
  writer.bytes(nulls).uint8(withoutTypes ? 0 : 1);
  if (!withoutTypes)
    for (const { type, unsigned } of parameters) writer.uint8(type).uint8(unsigned === true ? 0x80 : 0);
  for (const [index, { bytes }] of parameters.entries()) {
    if (bytes !== null && !sentAhead.includes(index)) writer.bytes(bytes);
  }
  return writer.finish();
}

function loginPayload(login: ClientLogin, greeting: Greeting, capabilities: number, collationId: number): Buffer {
  const scramble = greeting.authPlugin === CACHING_SHA2_PASSWORD ? scrambleCachingSha2Password : scrambleNativePassword;
  return encodeHandshakeResponse({
    capabilities,
    collationId,
    packetBytesMax: PACKET_BYTES_MAX,
    user: login.user,
    authResponse: scramble(login.password, greeting.authPluginData),
    ...(login.database === undefined ? {} : { database: login.database }),
    authPlugin: greeting.authPlugin,
    attributes: new Map(),
  });
}
