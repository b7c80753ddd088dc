import { CLIENT_LONG_FLAG, CLIENT_PS_MULTI_RESULTS } from '../../src/protocols/mysql/wire/login/capabilities.js';
import {
  COM_QUERY,
  COM_QUIT,
  COM_STMT_EXECUTE,
  COM_STMT_FETCH,
  COM_STMT_PREPARE,
  CURSOR_TYPE_NO_CURSOR,
} from '../../src/protocols/mysql/wire/commands.js';
import { PayloadWriter } from '../../src/protocols/mysql/wire/lenenc.js';
import { PACKET_PAYLOAD_BYTES_MAX } from '../../src/protocols/mysql/wire/packet.js';
import { decodeErr, isErrPacket } from '../../src/protocols/mysql/wire/packets.js';
import { ResponseTracker } from '../../src/protocols/mysql/wire/response/response-tracker.js';
import { type ClientLogin } from '../support/clients/program.js';
import { RawClient } from '../support/clients/raw.js';

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
  readonly #client: RawClient;
  readonly #tracker: ResponseTracker;

  /** Connects and logs in with the plugin that the server greets with. The first answer is the OK of the login. */
  static async logIn(login: ClientLogin, options: WireOptions = {}): Promise<{ client: WireClient; ok: Buffer }> {
    const client = await RawClient.open(login);
    const capabilities = CLIENT_LONG_FLAG | CLIENT_PS_MULTI_RESULTS | (options.capabilities ?? 0);
    const ok = await client.logIn(login, { ...options, capabilities });
    if (isErrPacket(ok)) throw new Error(`The login was refused: ${decodeErr(ok).message}`);
    return { client: new WireClient(client), ok };
  }

  private constructor(client: RawClient) {
    this.#client = client;
    this.#tracker = new ResponseTracker(client.capabilities);
  }

  /** Sends a command that has no answer. */
  send(command: number, content: Buffer | string = ''): void {
    this.#client.command(command, content);
  }

  /** Sends a command and gives its whole answer, packet headers included. */
  async exchange(command: number, content: Buffer | string = '', cursorRequested = false): Promise<Buffer> {
    const payloadBytes = 1 + Buffer.byteLength(content);
    this.#tracker.begin(command, Math.floor(payloadBytes / PACKET_PAYLOAD_BYTES_MAX), cursorRequested);
    this.#client.command(command, content);
    const answer: Buffer[] = [];
    while (!this.#tracker.done) {
      const chunk = await this.#client.chunk();
      if (this.#tracker.push(chunk) < chunk.length) throw new Error('Bytes came behind the answer');
      answer.push(chunk);
    }
    return Buffer.concat(answer);
  }

  query(text: Buffer | string): Promise<Buffer> {
    return this.exchange(COM_QUERY, text);
  }

  /** Prepares a statement; `id` is of use only when it was. */
  async prepare(text: Buffer | string): Promise<{ readonly id: number; readonly answer: Buffer }> {
    const answer = await this.exchange(COM_STMT_PREPARE, text);
    return { id: this.#tracker.prepared?.statementId ?? 0, answer };
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
    this.send(COM_QUIT);
    this.#client.end();
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
  const values = parameters.flatMap(({ bytes }, index) => (bytes === null || sentAhead.includes(index) ? [] : [bytes]));
  return Buffer.concat([writer.finish(), ...values]);
}
