import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

const LOOPBACK = '127.0.0.1';
const BLOCK_FIRST = 20_000; // below the range that Linux gives to outgoing connections
const BLOCK_COUNT = 240;
const BLOCK_PORTS = 50;

/** A loopback port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, LOOPBACK);
  await once(server, 'listening');
  const { port } = addressOf(server.address());
  server.close();
  await once(server, 'close');
  return port;
}

/** Fifty neighbouring loopback ports that were all free a moment ago: `{ first, last }`. */
export async function freePortBlock(): Promise<{ readonly first: number; readonly last: number }> {
  for (;;) {
    const first = BLOCK_FIRST + Math.floor(Math.random() * BLOCK_COUNT) * BLOCK_PORTS;
    const ports = Array.from({ length: BLOCK_PORTS }, (_, index) => first + index);
    const free = await Promise.all(ports.map(isFree));
    if (free.every(Boolean)) return { first, last: first + BLOCK_PORTS - 1 };
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, LOOPBACK, () => server.close(() => resolve(true)));
  });
}

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('A TCP server has no port');
  return address;
}
