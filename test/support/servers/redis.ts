import { Redis } from 'ioredis';
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Child, startChild, untilReady } from '../child.js';
import { logFolder, makeTemporaryFolder } from '../folders.js';
import { freePort } from '../ports.js';

const SERVER = '/usr/bin/redis-server';
const READY_LIMIT_MS = 30_000;
const HOST = '127.0.0.1';

/** What a client needs to know of a Redis server. */
export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly url: string;
  readonly version: string;
}

/** A running private Redis. */
export interface RedisServer extends RedisAddress {
  readonly pid: number;
  /** Ends the server and deletes its folder. */
  stop(): Promise<void>;
  /** SIGKILL; what was written in the last second may be lost. */
  kill(): Promise<void>;
  /** Starts the server again on the same port and data, after ending it in order if it runs. */
  restart(): Promise<void>;
}

/** Starts a private Redis with a random password on a free loopback port; it keeps its data over a restart. */
export async function startRedis(args: readonly string[] = []): Promise<RedisServer> {
  const folder = makeTemporaryFolder();
  const port = await freePort();
  const password = randomBytes(16).toString('hex');
  const url = `redis://:${password}@${HOST}:${port}`;
  const logFile = join(await logFolder('servers'), `redis-${port}.log`);
  const settings = {
    bind: HOST,
    port: String(port),
    dir: folder,
    requirepass: password,
    save: '',
    appendonly: 'yes',
    appendfsync: 'no', // as with the databases, nobody waits for the disk
    'maxmemory-policy': 'noeviction', // what BullMQ asks for
  };
  const launch = (): Child =>
    startChild({
      command: SERVER,
      args: [...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]), ...args],
      logFile,
    });

  let child = launch();
  const version = await untilReady(child, READY_LIMIT_MS, () => askVersion(url));
  return {
    host: HOST,
    port,
    url,
    version,
    get pid() {
      return child.pid;
    },
    async stop() {
      await child.stop();
      await rm(folder, { recursive: true, force: true });
    },
    kill: () => child.kill(),
    async restart() {
      if (!child.hasExited) await child.stop();
      child = launch();
      await untilReady(child, READY_LIMIT_MS, () => askVersion(url));
    },
  };
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
