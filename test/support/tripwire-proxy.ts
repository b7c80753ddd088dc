import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';

/**
 * `before`: what passes is kept back when the wire is tripped. `after`: it goes through, its answer is kept back.
 * `through`: nothing is kept back.
 */
export type Moment = 'before' | 'after' | 'through';

export interface Tripwire {
  /** Found in what a client sends, over all of one chunk. */
  readonly text: RegExp;
  readonly moment: Moment;
  /** Runs once. What was kept back is never forwarded: the connection it came on stands still from then on. */
  readonly onTrip: () => void | Promise<void>;
}

/** A TCP proxy before a server that stops at a text, and can cut everything off. */
export interface TripwireProxy {
  readonly host: string;
  readonly port: number;
  /** Sets the one tripwire. Resolves when it was tripped and `onTrip` is done. */
  arm(wire: Tripwire): Promise<void>;
  /** Takes the tripwire away when it was not tripped. */
  disarm(): void;
  /** Cuts all connections, and refuses new ones until {@link mend}. */
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';

/** `onSent` hears each chunk that a client sends; the broker's own connections send one command in each. */
export async function startTripwireProxy(
  to: { readonly host: string; readonly port: number },
  onSent: (text: string) => void = () => undefined,
): Promise<TripwireProxy> {
  const sockets = new Set<Socket>();
  let armed: (Tripwire & { readonly tripped: () => void; readonly failed: (error: unknown) => void }) | undefined;
  let isCut = false;

  const trip = (): void => {
    const wire = armed;
    armed = undefined;
    if (wire) Promise.resolve(wire.onTrip()).then(wire.tripped, wire.failed);
  };
  const join = (client: Socket): void => {
    if (isCut) {
      client.destroy();
      return;
    }
    const server = connect({ ...to, noDelay: true });
    let state: 'through' | 'answer' | 'still' = 'through';
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on('error', () => undefined); // 'close' follows
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        server.destroy();
      });
    }
    client.on('data', (chunk: Buffer) => {
      if (state === 'still') return;
      const text = chunk.toString('latin1');
      onSent(text);
      const hits = armed !== undefined && armed.text.test(text);
      if (hits && armed?.moment === 'before') {
        state = 'still';
        trip();
        return;
      }
      if (hits && armed?.moment === 'after') state = 'answer';
      server.write(chunk);
      if (hits && armed?.moment === 'through') trip();
    });
    server.on('data', (chunk: Buffer) => {
      if (state === 'answer') {
        state = 'still';
        trip();
      }
      if (state !== 'still') client.write(chunk);
    });
  };

  const listener: Server = createServer({ noDelay: true }, join);
  await new Promise<void>((resolve) => listener.listen(0, HOST, resolve));
  const { port } = addressOf(listener.address());
  return {
    host: HOST,
    port,
    arm(wire) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      armed = { ...wire, tripped: resolve, failed: reject };
      return promise;
    },
    disarm() {
      armed = undefined;
    },
    cut() {
      isCut = true;
      for (const socket of sockets) socket.destroy();
    },
    mend() {
      isCut = false;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => listener.close(() => resolve()));
    },
  };
}

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('A TCP server has no port');
  return address;
}
