import { createHash } from 'node:crypto';
import { connect, createServer, type Server } from 'node:net';
import { text } from 'node:stream/consumers';
import { ROOT } from './paths.js';

/** Another quickstart of this checkout runs. */
export class AlreadyRunning extends Error {}

/**
 * Makes this process the only quickstart of its checkout, until it ends in whatever way: the lock is a listener on a
 * Linux abstract socket, which the kernel takes away with its process, so a killed quickstart leaves no stale lock.
 *
 * @throws AlreadyRunning naming the process that has the lock
 */
export async function takeLock(): Promise<Server> {
  const server = createServer((socket) => socket.on('error', () => {}).end(String(process.pid)));
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(NAME, resolve);
  try {
    await promise;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    throw new AlreadyRunning(
      `Another quickstart of this checkout runs (process ${await holder()}). Use it, .local/quickstart.json says how, ` +
        'or stop it first.',
      { cause: error },
    );
  }
  server.unref();
  return server;
}

const NAME = `\0doorwarden-quickstart-${checkoutName()}`;

/** Tells checkouts on one machine apart. */
export function checkoutName(): string {
  return createHash('sha256').update(ROOT).digest('hex').slice(0, 12);
}

async function holder(): Promise<string> {
  try {
    return await text(connect(NAME));
  } catch {
    return 'unknown'; // it ended just now; the message says to try again in other words
  }
}
