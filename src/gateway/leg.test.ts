import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Leg, type LegListener } from './leg.js';

const MIB = 1024 * 1024;

interface Ends {
  readonly leg: Leg;
  readonly peer: Socket;
  readonly heard: Heard;
}

/** What a leg told, and promises of what it will tell. */
class Heard implements LegListener {
  readonly #chunks: Buffer[] = [];
  byteCount = 0;
  lastArrived: Buffer | undefined;
  drains = 0;
  ended = false;
  readonly closed: Promise<void>;
  readonly #close: () => void;
  #changed = Promise.withResolvers<void>();

  constructor() {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    this.#close = resolve;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  readonly onBytes = (bytes: Buffer): void => {
    this.lastArrived = bytes;
    this.#chunks.push(Buffer.from(bytes)); // the bytes are the leg's own
    this.byteCount += bytes.length;
    this.#change();
  };
  readonly onEnd = (): void => {
    this.ended = true;
    this.#change();
  };
  readonly onDrain = (): void => {
    this.drains += 1;
    this.#change();
  };
  readonly onClose = (): void => {
    this.#close();
    this.#change();
  };

  async until(holds: (heard: this) => boolean): Promise<void> {
    while (!holds(this)) await this.#changed.promise;
  }

  #change(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }
}

describe.each([
  { side: 'a socket of a server', way: 'direct' },
  { side: 'a socket that was dialled', way: 'direct' },
  { side: 'a socket of a server', way: 'stream' },
  { side: 'a socket that was dialled', way: 'stream' },
] as const)('a leg over $side, $way', ({ side, way }) => {
  let server: Server;
  let sockets: Socket[] = [];

  beforeEach(async () => {
    server = createServer({ allowHalfOpen: true, noDelay: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    sockets = [];
    server.close();
  });

  async function ends(): Promise<Ends> {
    const { port } = server.address() as AddressInfo;
    const accepting = once(server, 'connection') as Promise<[Socket]>;
    const dialled = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    await once(dialled, 'connect');
    const [accepted] = await accepting;
    sockets.push(dialled, accepted);
    for (const socket of [dialled, accepted]) socket.on('error', () => {});
    const [own, peer] = side === 'a socket of a server' ? [accepted, dialled] : [dialled, accepted];
    const leg = new Leg(own, way, () => undefined);
    const heard = new Heard();
    leg.listen(heard);
    return { leg, peer, heard };
  }

  test('takes the connection over where that is wanted, and passes bytes both ways', async () => {
    const { leg, peer, heard } = await ends();
    expect(leg.isDirect).toBe(way === 'direct');
    peer.write('hello');
    await heard.until(({ byteCount }) => byteCount === 5);
    expect(heard.bytes.toString()).toBe('hello');
    const answer = once(peer, 'data') as Promise<[Buffer]>;
    expect(leg.write(Buffer.from('world'))).toBe(true);
    expect((await answer)[0].toString()).toBe('world');
  });

  test.runIf(way === 'direct')('gives bytes that are another read’s after it', async () => {
    const { peer, heard } = await ends();
    peer.write('first');
    await heard.until(({ byteCount }) => byteCount === 5);
    const kept = heard.lastArrived;
    peer.write('again');
    await heard.until(({ byteCount }) => byteCount === 10);
    expect(kept?.toString()).toBe('again');
  });

  test('asks a sender to wait when its peer does not read, keeps the order, and tells when there is room', async () => {
    const { leg, peer, heard } = await ends();
    peer.pause();
    const borrowed = Buffer.alloc(64 * 1024);
    let sent = 0;
    while (leg.pass(borrowed.fill(sent % 251))) sent += 1;
    sent += 1;
    expect(leg.writableNeedDrain).toBe(true);
    borrowed.fill(255); // it was the leg's only until `pass` returned
    const received: Buffer[] = [];
    peer.on('data', (chunk: Buffer) => received.push(chunk));
    peer.resume();
    await heard.until(({ drains }) => drains === 1);
    expect(leg.writableNeedDrain).toBe(false);
    leg.end(Buffer.from([252]));
    await once(peer, 'end');
    const bytes = Buffer.concat(received);
    expect(bytes.length).toBe(sent * borrowed.length + 1);
    for (let part = 0; part < sent; part += 1) expect(bytes[part * borrowed.length]).toBe(part % 251);
    expect(bytes.at(-1)).toBe(252);
  });

  test('reads nothing while it is paused', async () => {
    const { leg, peer, heard } = await ends();
    leg.pause();
    let written = 0;
    while (peer.write(Buffer.alloc(MIB)) && written < 64 * MIB) written += MIB;
    expect(peer.writableNeedDrain).toBe(true);
    expect(heard.byteCount).toBe(0);
    leg.resume();
    await once(peer, 'drain');
    await heard.until(({ byteCount }) => byteCount === written + MIB);
  });

  test('goes on sending after its peer has finished', async () => {
    const { leg, peer, heard } = await ends();
    peer.end('last words');
    await heard.until(({ ended }) => ended);
    expect(heard.bytes.toString()).toBe('last words');
    const answer = once(peer, 'data') as Promise<[Buffer]>;
    leg.write(Buffer.from('understood'));
    expect((await answer)[0].toString()).toBe('understood');
    const over = once(peer, 'end');
    leg.end();
    expect(leg.writableEnded).toBe(true);
    peer.resume();
    await over;
    await heard.closed;
  });

  test('tells once that a connection was reset, and writes to it lead nowhere', async () => {
    const { leg, peer, heard } = await ends();
    peer.resetAndDestroy();
    await heard.closed;
    expect(leg.destroyed).toBe(true);
    leg.write(Buffer.from('nobody is there'));
    leg.pass(Buffer.from('nobody is there'));
  });

  test('notices by a write that its peer is gone', async () => {
    const { leg, peer, heard } = await ends();
    leg.pause();
    peer.resetAndDestroy();
    await once(peer, 'close');
    leg.write(Buffer.from('is anybody there?'));
    await heard.closed;
    expect(leg.destroyed).toBe(true);
  });

  test('is a connection of its server until it is closed', async () => {
    const { leg, peer, heard } = await ends();
    const closed = once(server, 'close');
    server.close();
    peer.write('still here');
    await heard.until(({ byteCount }) => byteCount === 10);
    leg.destroy();
    peer.destroy();
    await Promise.all([heard.closed, closed]);
  });
});
