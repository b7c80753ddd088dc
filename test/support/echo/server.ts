import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { EchoWire } from './wire.js';

const HOST = '127.0.0.1';
const LINGER_MS = 30_000;

/** A real echo server, as a target. */
export interface EchoServer {
  readonly host: string;
  readonly port: number;
  /** Who makes, locks and drops accounts. */
  readonly admin: { readonly username: string; readonly password: string };
  /** The words that were shouted, in their order. */
  readonly kept: readonly string[];
  /** Whether there is an account of this name, or a connection that logged in with it. */
  stands(account: string): boolean;
  stop(): Promise<void>;
}

interface Account {
  readonly secret: string;
  isLocked: boolean;
}

interface Connected {
  readonly account: string;
  readonly wire: EchoWire;
  hush: () => void;
}

export async function startEchoServer(): Promise<EchoServer> {
  const server = new Server();
  await server.listen();
  return server;
}

class Server implements EchoServer {
  readonly host = HOST;
  readonly admin = { username: 'keeper', password: randomBytes(12).toString('hex') };
  readonly kept: string[] = [];
  readonly #accounts = new Map<string, Account>();
  readonly #connected = new Map<string, Connected>();
  readonly #wires = new Set<EchoWire>();
  readonly #listener = createServer({ noDelay: true }, (socket) => {
    const wire = new EchoWire(socket);
    this.#wires.add(wire);
    socket.once('close', () => this.#wires.delete(wire));
    void this.#serve(wire).finally(() => socket.destroy());
  });
  #port = 0;

  get port(): number {
    return this.#port;
  }

  async listen(): Promise<void> {
    this.#listener.listen(0, HOST);
    await once(this.#listener, 'listening');
    this.#port = portOf(this.#listener.address());
  }

  stands(account: string): boolean {
    return this.#accounts.has(account) || this.#sessionsOf(account).length > 0;
  }

  async stop(): Promise<void> {
    for (const { socket } of this.#wires) socket.destroy();
    this.#listener.close();
    await once(this.#listener, 'close');
  }

  async #serve(wire: EchoWire): Promise<void> {
    const [verb, name = '', secret = ''] = (await wire.next())?.split(' ') ?? [];
    if (verb === 'HUSH') {
      this.#connected.get(name)?.hush();
      return wire.endWith('OK');
    }
    const { username, password } = this.admin;
    if (verb === 'LOGIN' && name === username && secret === password) return this.#administer(wire);
    const account = this.#accounts.get(name);
    if (verb !== 'LOGIN' || account === undefined || account.isLocked || account.secret !== secret) {
      return wire.endWith('NO login');
    }
    return this.#converse(wire, name);
  }

  async #administer(wire: EchoWire): Promise<void> {
    wire.send('OK keeper');
    for (let line = await wire.next(); line !== undefined; line = await wire.next()) {
      const [verb, name = '', secret = ''] = line.split(' ');
      const account = this.#accounts.get(name);
      if (verb === 'MAKE') this.#accounts.set(name, { secret, isLocked: false });
      if (verb === 'LOCK') {
        if (account !== undefined) account.isLocked = true;
        for (const { wire: cut } of this.#sessionsOf(name)) cut.socket.destroy();
      }
      if (verb === 'DROP') this.#accounts.delete(name);
      wire.send(verb === 'STANDS' ? String(this.stands(name)) : 'OK');
    }
  }

  async #converse(wire: EchoWire, account: string): Promise<void> {
    const key = randomBytes(8).toString('hex');
    const connected: Connected = { account, wire, hush: () => undefined };
    this.#connected.set(key, connected);
    wire.socket.once('close', () => this.#connected.delete(key));
    wire.send(`OK ${key}`);
    for (let line = await wire.next(); line !== undefined && line !== 'QUIT'; line = await wire.next()) {
      wire.send(await this.#answer(connected, line));
    }
  }

  async #answer(connected: Connected, line: string): Promise<string> {
    const [verb, room = '', ...words] = line.split(' ');
    const said = `${room} ${words.join(' ')}`;
    switch (verb) {
      case 'SAY':
        return `SAID ${said}`;
      case 'SHOUT':
        this.kept.push(words.join(' '));
        for (const { wire } of this.#connected.values()) if (wire !== connected.wire) wire.send(`HEARD ${said}`);
        return `SHOUTED ${said}`;
      case 'LINGER':
        return (await this.#lingers(connected)) ? `LINGERED ${said}` : 'NO hushed';
      case 'WIPE':
        this.kept.length = 0;
        return `WIPED ${room}`;
      default:
        return 'NO verb';
    }
  }

  /** False when it is hushed, or its connection is gone. */
  #lingers(connected: Connected): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(true), LINGER_MS);
      const stop = (): void => {
        clearTimeout(timer);
        resolve(false);
      };
      connected.hush = stop;
      connected.wire.socket.once('close', stop);
    });
  }

  #sessionsOf(account: string): readonly Connected[] {
    return [...this.#connected.values()].filter((connected) => connected.account === account);
  }
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('A TCP server has a port');
  return address.port;
}
