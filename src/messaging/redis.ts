import { Redis, type RedisOptions } from 'ioredis';

/** What a connection says about itself; pino's loggers fit. */
export interface ConnectionLog {
  warn(fields: object, message: string): void;
}

const CONNECT_MS_MAX = 2_000;
const COMMAND_MS_MAX = 2_500;
const RECONNECT_MS_MAX = 1_000;

/** A connection for commands: while Redis is away they fail at once or within seconds, they never wait for it. */
export function connectForCommands(url: string, log: ConnectionLog): Redis {
  return watched(
    new Redis(url, {
      ...common,
      maxRetriesPerRequest: 1,
      enableOfflineQueue: false,
      commandTimeout: COMMAND_MS_MAX,
    }),
    log,
  );
}

/** A connection for what is better done without Redis than late: a command that was not answered is not sent again. */
export function connectForCounts(url: string, log: ConnectionLog): Redis {
  return watched(
    new Redis(url, {
      ...common,
      maxRetriesPerRequest: 0,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      commandTimeout: COMMAND_MS_MAX,
    }),
    log,
  );
}

/** A connection that listens: blocking reads of queues, or subscriptions. It waits for Redis to come back. */
export function connectForListening(url: string, log: ConnectionLog): Redis {
  return watched(new Redis(url, { ...common, maxRetriesPerRequest: null }), log);
}

const common: RedisOptions = {
  lazyConnect: true,
  connectTimeout: CONNECT_MS_MAX,
  retryStrategy: (attempt) => Math.min(attempt * 50, RECONNECT_MS_MAX),
};

const faults = new WeakMap<Redis, Error>();

/** What a connection last failed of; a caller that waits for it to connect is only told that it was closed. */
export function faultOf(redis: Redis): Error | undefined {
  return faults.get(redis);
}

/** Says once that Redis is gone, and not with every attempt to come back. */
function watched(redis: Redis, log: ConnectionLog): Redis {
  let isTold = false;
  redis.on('error', (error: Error) => {
    faults.set(redis, error);
    if (!isTold) log.warn({ reason: error.message }, 'Redis cannot be reached');
    isTold = true;
  });
  redis.on('ready', () => {
    isTold = false;
  });
  return redis;
}
