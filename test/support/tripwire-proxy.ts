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
  /** Sets one more tripwire; of those that a text would trip, the oldest one is. Resolves when it was tripped and `onTrip` is done. */
  arm(wire: Tripwire): Promise<void>;
  /** Takes the tripwires away that were not tripped. */
  disarm(): void;
  /** Cuts all connections, and refuses new ones until {@link mend}. */
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';

interface ArmedWire extends Tripwire {
  readonly tripped: () => void;
  readonly failed: (error: unknown) => void;
}

/** `onSent` hears each chunk that a client sends; the broker's own connections send one command in each. */
export async function startTripwireProxy(
  to: { readonly host: string; readonly port: number },
  onSent: (text: string) => void = () => undefined,
): Promise<TripwireProxy> {
  const sockets = new Set<Socket>();
  let armed: ArmedWire[] = [];
  let isCut = false;

  const trip = ({ onTrip, tripped, failed }: ArmedWire): void => {
    Promise.resolve(onTrip()).then(tripped, failed);
  };
  /** The wire that this text trips; nothing else trips it from then on. */
  const hitBy = (text: string): ArmedWire | undefined => {
    const wire = armed.find((candidate) => candidate.text.test(text));
    armed = armed.filter((candidate) => candidate !== wire);
    return wire;
  };
  const join = (client: Socket): void => {
    if (isCut) {
      client.destroy();
      return;
    }
    const server = connect({ ...to, noDelay: true });
    let state: 'through' | 'answer' | 'still' = 'through';
    let awaited: ArmedWire | undefined;
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
      const hit = hitBy(text);
      if (hit?.moment === 'before') {
        state = 'still';
        trip(hit);
        return;
      }
      if (hit?.moment === 'after') {
        state = 'answer';
        awaited = hit;
      }
      server.write(chunk);
      if (hit?.moment === 'through') trip(hit);
    });
    server.on('data', (chunk: Buffer) => {
      if (state === 'answer' && awaited !== undefined) {
        state = 'still';
        trip(awaited);
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
      armed.push({ ...wire, tripped: resolve, failed: reject });
      return promise;
    },
    disarm() {
      armed = [];
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
