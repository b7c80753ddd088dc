import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { PATHS } from './paths.js';
import { freePort, LOOPBACK } from './ports.js';
import { findProgram, type Processes, untilReady } from './processes.js';

const READY_MS_MAX = 10_000;

/** A private Redis; `url` has its password. */
export interface PrivateRedis {
  readonly url: string;
  readonly address: string;
  readonly version: string;
}

/** Starts a Redis with nothing in it on a free loopback port, and waits until it answers. */
export async function startRedis(processes: Processes): Promise<PrivateRedis> {
  const folder = join(PATHS.run, 'redis');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const port = await freePort();
  const password = randomBytes(18).toString('hex');
  const settings = join(folder, 'redis.conf'); // a password among the arguments would show in the list of processes
  await writeFile(
    settings,
    [
      `bind ${LOOPBACK}`,
      `port ${port}`,
      `dir "${folder}"`,
      `requirepass ${password}`,
      'save ""',
      'maxmemory-policy noeviction', // what BullMQ asks for
      '',
    ].join('\n'),
    { mode: 0o600 },
  );
  const server = processes.start({
    name: 'redis',
    command: findProgram('redis-server', 'redis-server'),
    args: [settings],
  });
  const url = `redis://:${password}@${LOOPBACK}:${port}`;
  const version = await untilReady(server, READY_MS_MAX, () => askVersion(url));
  return { url, address: `${LOOPBACK}:${port}`, version };
}

async function askVersion(url: string): Promise<string> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
  redis.on('error', () => undefined); // the promise below says the same
  try {
    await redis.connect();
    return /redis_version:(\S+)/.exec(await redis.info('server'))?.[1] ?? 'unknown';
  } finally {
    redis.disconnect();
  }
}
