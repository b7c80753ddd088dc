import { BrokerError } from '../kernel/errors.js';

/** Runs commands at Redis. @throws BrokerError `queue_unavailable` for any failure: none of Redis's own texts goes out */
export async function atRedis<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof BrokerError ? error : new BrokerError('queue_unavailable', { cause: error });
  }
}
