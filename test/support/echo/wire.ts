import type { Socket } from 'node:net';
import { BrokerError } from '../../../src/kernel/errors.js';

/**
 * The echo protocol: lines of UTF-8, each answered by one line in its order.
 *
 * - `LOGIN name secret` comes first, and is answered by `OK key`.
 * - `SAY room words` is answered by `SAID room words`, and nobody else hears it.
 * - `SHOUT room words` is kept by the server, answered by `SHOUTED room words`, and all others are sent
 *   `HEARD room words`, which they never asked for.
 * - `LINGER room words` is a shout that takes half a minute, unless it is hushed.
 * - `WIPE room` forgets what was kept.
 * - `HUSH key` comes first on a connection of its own, which is no session: the session with that key lingers no longer.
 * - `NO code words` says what did not go well. `QUIT` ends.
 */
export const HEARD = 'HEARD ';
export const NO = 'NO ';

const LINE_BYTES_MAX = 4_096;
/** A peer that does not close its side is cut off after this time. */
const LINGER_MS = 500;

/** One side's connection, as lines. */
export class EchoWire {
  readonly socket: Socket;
  readonly #lines: AsyncGenerator<string, void>;

  constructor(socket: Socket) {
    this.socket = socket;
    this.socket.on('error', () => undefined); // 'close' follows, and the lines end
    this.#lines = linesOf(socket);
  }

  /** The next line; undefined when there are no more. @throws BrokerError `payload_too_large` */
  async next(): Promise<string | undefined> {
    const { value, done } = await this.#lines.next();
    return done === true ? undefined : value;
  }

  send(line: string): void {
    if (this.socket.writable) this.socket.write(`${line}\n`);
  }

  /** Sends a last line, and ends the connection whatever the peer does. */
  endWith(line: string): void {
    if (this.socket.writable) this.socket.end(`${line}\n`);
    const timer = setTimeout(() => this.socket.destroy(), LINGER_MS);
    this.socket.once('close', () => clearTimeout(timer));
  }
}

/** What the broker says of a fault, in a line. */
export function refusalLine(fault: BrokerError): string {
  return `${NO}${fault.code} ${fault.sentence.replaceAll('\n', ' ')}`;
}

async function* linesOf(socket: Socket): AsyncGenerator<string, void> {
  let rest = Buffer.alloc(0);
  try {
    for await (const chunk of socket) {
      rest = Buffer.concat([rest, chunk]);
      for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
        yield rest.toString('utf8', 0, end);
        rest = rest.subarray(end + 1);
      }
      if (rest.length > LINE_BYTES_MAX) throw new BrokerError('payload_too_large');
    }
  } catch (error) {
    if (error instanceof BrokerError) throw error; // else the connection broke: there are no more lines
  }
}
