import { retried } from '../kernel/retry.js';
import { createStateSource, pendingMigrations, type StateSource } from '../persistence/state/data-source.js';
import { Queues } from '../messaging/queues.js';
import type { ConnectionLog } from '../messaging/redis.js';
import { StartError } from './start-error.js';
import { reasonOf } from './start-reason.js';

interface StateSettings {
  readonly DATABASE_URL: string;
  readonly START_WAIT_SECONDS: number;
}

interface QueueSettings {
  readonly REDIS_URL: string;
  readonly QUEUE_PREFIX: string;
  readonly START_WAIT_SECONDS: number;
}

/**
 * Connects to the state database, waiting until it is there and up to date.
 * @throws StartError
 */
export async function openState(settings: StateSettings, log: ConnectionLog): Promise<StateSource> {
  const source = await connectState(settings, log);
  try {
    await whenThere(settings.START_WAIT_SECONDS, log, async () => {
      const pending = await pendingMigrations(source);
      if (pending.length > 0) throw new StartError('The state database is not up to date; run: doorwarden migrate');
    });
    return source;
  } catch (error) {
    await source.destroy();
    throw error;
  }
}

/** Connects to the state database in whatever state it is. @throws StartError */
export async function connectState(settings: StateSettings, log: ConnectionLog): Promise<StateSource> {
  const source = createStateSource(settings.DATABASE_URL);
  await whenThere(settings.START_WAIT_SECONDS, log, async () => {
    try {
      await source.initialize();
    } catch (cause) {
      throw unreachable('The state database', settings.DATABASE_URL, 'DATABASE_URL', cause);
    }
  });
  return source;
}

/** Connects to Redis, waiting until it is there. @throws StartError */
export async function openQueues(settings: QueueSettings, log: ConnectionLog): Promise<Queues> {
  const { REDIS_URL: url, QUEUE_PREFIX: prefix } = settings;
  return whenThere(settings.START_WAIT_SECONDS, log, async () => {
    try {
      return await Queues.connect({ url, prefix, log });
    } catch (cause) {
      throw unreachable('Redis', url, 'REDIS_URL', cause instanceof Error ? (cause.cause ?? cause) : cause);
    }
  });
}

/** Tries until it works or the time is up, then fails with the last reason. */
async function whenThere<T>(waitSeconds: number, log: ConnectionLog, attempt: () => Promise<T>): Promise<T> {
  const untilMs = performance.now() + waitSeconds * 1_000;
  return retried(attempt, {
    pauseMs: { first: 100, max: 2_000 },
    isWorthIt(error, { tries, pauseMs }) {
      if (!(error instanceof StartError)) return false;
      if (performance.now() + pauseMs > untilMs) {
        throw new StartError(`${error.message} (waited ${waitSeconds} s)`, { cause: error.cause });
      }
      if (tries === 1) log.warn({ reason: error.message }, 'waiting');
      return true;
    },
  });
}

/** Names the place without the user and the password that its URL holds. */
function unreachable(what: string, url: string, variable: string, cause: unknown): StartError {
  return new StartError(`${what} at ${new URL(url).host} cannot be used: ${reasonOf(cause)} Check ${variable}.`, {
    cause,
  });
}
