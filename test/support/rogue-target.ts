import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { CLIENT_SSL } from '../../src/protocols/mysql/wire/login/capabilities.js';
import { encodeGreeting } from '../../src/protocols/mysql/wire/login/handshake.js';
import { encodePackets } from '../../src/protocols/mysql/wire/packet.js';

const HOST = '127.0.0.1';

/** One connection of the gateway to the rogue target, from the moment that it lies. */
export interface RogueLeg {
  /** Towards the gateway. What the gateway sends from now on goes nowhere. */
  readonly socket: Socket;
  /** Writes bytes as they are, as soon as the gateway takes them; false when the connection is gone. */
  write(...bytes: readonly Buffer[]): Promise<boolean>;
  /** Writes them one by one, each in a turn of its own. */
  writeSlowly(bytes: Buffer): Promise<void>;
  /** Everything that the gateway has sent since. */
  received(): Buffer;
  /** Waits until the gateway has sent something that was not waited for yet. */
  heard(): Promise<void>;
}

export type Lie = (leg: RogueLeg) => Promise<unknown> | void;

/** A target that speaks for a real server until it is told to lie. */
export interface RogueTarget {
  readonly host: string;
  readonly port: number;
  /** Bytes of the real server that went on to the gateway, over all connections. */
  readonly passedBytes: number;
  /** In place of the answer to the first command with such a text; the real server never gets it. */
  lieTo(text: RegExp | ((sent: string) => boolean), lie: Lie): void;
  /** Cuts off the answer to such a command after so many bytes of it: the end of the connection, or RST. */
  cutAnswer(text: RegExp, afterBytes: number, how?: 'end' | 'reset'): void;
  /**
   * In place of the greeting of the next session's connection: the one that follows when the account of its task was
   * unlocked, as MariaDB's are for each login. The gateway's own connections come at any time, and are not lied to.
   */
  lieAtGreeting(lie: Lie): void;
  close(): Promise<void>;
}

interface CommandLie {
  readonly isMeant: (sent: string) => boolean;
  readonly lie: Lie;
}

interface Cut {
  readonly text: RegExp;
  readonly afterBytes: number;
  readonly how: 'end' | 'reset';
}

export async function startRogueTarget(real: { readonly host: string; readonly port: number }): Promise<RogueTarget> {
  const sockets = new Set<Socket>();
  const armed: { command?: CommandLie; cut?: Cut; greeting?: Lie; isLoginDue?: boolean } = {};
  let passedBytes = 0;
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => undefined); // 'close' follows
    socket.on('close', () => sockets.delete(socket));
  };

  const join = (gateway: Socket): void => {
    keep(gateway);
    const { greeting, isLoginDue } = armed;
    if (greeting !== undefined && isLoginDue === true) {
      delete armed.greeting;
      run(greeting, gateway);
      return;
    }
    relay(gateway);
  };

  const relay = (gateway: Socket): void => {
    const server = connect({ ...real, noDelay: true });
    keep(server);
    let isLying = false;
    let cut: { left: number; how: Cut['how'] } | undefined;
    const lies = (lie: Lie, first: Buffer): void => {
      isLying = true;
      gateway.removeAllListeners('data');
      run(lie, gateway, first);
    };
    gateway.on('close', () => server.destroy());
    server.on('close', () => {
      if (!isLying) gateway.destroy();
    });
    gateway.on('data', (chunk: Buffer) => {
      const text = chunk.toString('latin1');
      if (text.endsWith(' ACCOUNT UNLOCK')) armed.isLoginDue = true;
      const { command } = armed;
      if (command?.isMeant(text) === true) {
        delete armed.command;
        return lies(command.lie, chunk);
      }
      if (armed.cut?.text.test(text) === true) {
        cut = { left: armed.cut.afterBytes, how: armed.cut.how };
        delete armed.cut;
      }
      server.write(chunk);
    });
    server.on('data', (chunk: Buffer) => {
      if (isLying) return;
      if (cut === undefined || cut.left > chunk.length) {
        if (cut !== undefined) cut.left -= chunk.length;
        passedBytes += chunk.length;
        if (!gateway.write(chunk)) server.pause();
        return;
      }
      isLying = true;
      const { left, how } = cut;
      gateway.write(chunk.subarray(0, left), () => {
        if (how === 'end') gateway.end();
        else gateway.resetAndDestroy();
      });
    });
    gateway.on('drain', () => server.resume());
  };

  const listener: Server = createServer({ noDelay: true }, join);
  await new Promise<void>((resolve) => listener.listen(0, HOST, resolve));
  const { port } = addressOf(listener.address());
  return {
    host: HOST,
    port,
    get passedBytes() {
      return passedBytes;
    },
    lieTo(text, lie) {
      armed.command = { isMeant: text instanceof RegExp ? (sent) => text.test(sent) : text, lie };
    },
    cutAnswer(text, afterBytes, how = 'end') {
      armed.cut = { text, afterBytes, how };
    },
    lieAtGreeting(lie) {
      armed.greeting = lie;
      armed.isLoginDue = false;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => listener.close(() => resolve()));
    },
  };
}

/** A greeting that offers everything but TLS, of a plugin that every gateway speaks. */
export function rogueGreeting(version = '10.11.6-MariaDB'): Buffer {
  return encodePackets(
    0,
    encodeGreeting({
      serverVersion: version,
      threadId: 99,
      authPluginData: Buffer.from('abcdefghijklmnopqrst'),
      capabilities: ~CLIENT_SSL >>> 0,
      collationId: 45,
      statusFlags: 2,
      authPlugin: 'mysql_native_password',
      mariadbCapabilities: 0,
    }),
  );
}

function run(lie: Lie, socket: Socket, first: Buffer = Buffer.alloc(0)): void {
  let received = first;
  let seenBytes = first.length;
  let wake: () => void = () => undefined;
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    wake();
  });
  const leg: RogueLeg = {
    socket,
    async write(...bytes) {
      for (const part of bytes) {
        if (socket.destroyed) return false;
        if (!socket.write(part)) await flowsAgain(socket);
      }
      return !socket.destroyed;
    },
    async writeSlowly(bytes) {
      for (const byte of bytes) {
        await leg.write(Buffer.from([byte]));
        await turn();
      }
    },
    received: () => received,
    async heard() {
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = () => {
        if (received.length > seenBytes) resolve();
      };
      socket.once('close', () => resolve());
      wake();
      await promise;
      seenBytes = received.length;
    },
  };
  Promise.resolve(lie(leg)).catch(() => socket.destroy()); // a lie that fails shows in what the client gets
}

function flowsAgain(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      socket.off('drain', go).off('close', go);
      resolve();
    };
    socket.on('drain', go).on('close', go);
  });
}

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('A TCP server has no port');
  return address;
}
