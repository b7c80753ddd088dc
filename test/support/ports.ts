import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

const LOOPBACK = '127.0.0.1';
// Both below the range that Linux gives to outgoing connections and to programs that ask for any port: a server that takes
// seconds to start would find there that somebody else was quicker.
const SINGLE_FIRST = 10_000;
const BLOCK_FIRST = 20_000;
const BLOCK_COUNT = 240;
const BLOCK_PORTS = 50;

/** A loopback port that was free a moment ago. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(SINGLE_FIRST, BLOCK_FIRST);
    if (await isFree(port)) return port;
  }
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
