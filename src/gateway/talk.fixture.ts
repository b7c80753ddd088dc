import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { BrokerError } from '../kernel/errors.js';
import { isErrorCode, type ErrorCode } from '../kernel/errors/error-table.js';
import type {
  Arrival,
  GrantTarget,
  ServedSession,
  ServingProtocol,
  SessionHost,
  SessionOpening,
} from './gateway-protocol.js';
import type { EndOfAccess } from '../recording/entries/entries.js';

/**
 * A protocol for tests of the gateway's shell, one line at a time: `in` begins a session, `bye` asks for nothing, a code
 * of an error is what the login fails with. All else is waited for.
 */
export const OPENED: SessionOpening = {
  tls: null,
  body: { language: 'en' },
};

export interface TalkWishes {
  /** Fails so many times. */
  readonly endFailures?: number;
  readonly makeFails?: BrokerError;
  /** Waited for between the two looks whether a session may begin. */
  readonly target?: () => Promise<void>;
  /** Fails after the session has begun. */
  readonly failsAfterBegin?: boolean;
}

export class TalkTarget implements GrantTarget {
  readonly policyVersion = 'p1';
  readonly did: string[] = [];
  readonly #wishes: TalkWishes;
  #endFailures: number;

  constructor(wishes: TalkWishes = {}) {
    this.#wishes = wishes;
    this.#endFailures = wishes.endFailures ?? 0;
  }

  async makeAccess(): Promise<void> {
    this.did.push('make');
    if (this.#wishes.makeFails !== undefined) throw this.#wishes.makeFails;
  }

  start(): void {
    this.did.push('start');
  }

  follow(): void {}

  receive(client: Socket, host: SessionHost): TalkArrival {
    return new TalkArrival(client, host, this.#wishes);
  }

  async close(): Promise<void> {
    this.did.push('close');
  }

  async endAccess(): Promise<EndOfAccess> {
    this.did.push('end');
    this.#endFailures -= 1;
    if (this.#endFailures >= 0) throw new BrokerError('target_unreachable');
    return { account: { state: 'gone' } };
  }
}

class TalkArrival implements Arrival {
  constructor(
    private readonly client: Socket,
    private readonly host: SessionHost,
    private readonly wishes: TalkWishes,
  ) {
    client.on('error', () => {});
  }

  async logIn(): Promise<void> {
    const said = await firstLine(this.client);
    if (said === 'bye') return void this.client.end();
    if (isErrorCode(said)) throw new BrokerError(said, { detail: 'As asked.' });
    this.host.admit();
    await this.wishes.target?.();
    const session = this.host.begin(OPENED, (number) => new TalkSession(number, this.client));
    if (this.wishes.failsAfterBegin === true) throw new BrokerError('internal');
    session.start();
  }

  refuse({ code }: BrokerError): void {
    this.client.end(`no: ${code}\n`);
  }
}

class TalkSession implements ServedSession {
  readonly ended: Promise<void>;

  constructor(
    private readonly number: number,
    private readonly client: Socket,
  ) {
    this.ended = once(client, 'close').then(() => {});
  }

  start(): void {
    this.client.write(`session ${this.number}\n`);
  }

  end(code: ErrorCode): void {
    this.client.end(`end: ${code}\n`);
    this.client.destroySoon();
  }
}

/** The protocol as a gateway serves it. */
export class TalkProtocol {
  readonly name = 'talk';
  /** In the order in which they were opened. */
  readonly targets: TalkTarget[] = [];
  readonly serving: ServingProtocol;
  #onBroken: ((why: unknown) => void) | undefined;

  constructor(wishes: TalkWishes = {}) {
    this.serving = {
      open: async (_order, onBroken) => {
        this.#onBroken = onBroken;
        const target = new TalkTarget(wishes);
        this.targets.push(target);
        return target;
      },
      refuse: tellLate,
      close: () => Promise.resolve(),
    };
  }

  /** The grant that was opened last can be held no longer. */
  breakLast(why: Error): void {
    this.#onBroken?.(why);
  }
}

export function tellLate(client: Socket, { code }: BrokerError): void {
  client.on('error', () => {});
  client.end(`late: ${code}\n`);
}

/** A client that says one line, and all that it is told until its connection ends. */
export function say(port: number, line: string | undefined): Talk {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {}); // that it is cut off shows in what it was told
  const told: string[] = [];
  let next = Promise.withResolvers<string>();
  createInterface({ input: socket }).on('line', (text) => {
    told.push(text);
    next.resolve(text);
    next = Promise.withResolvers<string>();
  });
  const first = next.promise;
  const ended = once(socket, 'close').then(() => told);
  if (line !== undefined) socket.write(`${line}\n`);
  return { first, ended, hangUp: () => void socket.end() };
}

export interface Talk {
  readonly first: Promise<string>;
  readonly ended: Promise<readonly string[]>;
  readonly hangUp: () => void;
}

async function firstLine(client: Socket): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  createInterface({ input: client }).once('line', resolve);
  client.once('close', () => reject(new BrokerError('handshake_invalid')));
  return await promise;
}
