import { loadApiConfig } from '../../config/api.js';
import { systemClock, type Clock } from '../../kernel/clock.js';
import { Metrics } from '../operations/metrics.js';
import { BucketStore, type SharedBuckets } from './bucket-store.js';
import { FailureLimit } from './failure-limit.js';
import { LimitRefusal } from './limit-refusal.js';

const SETTINGS = { DATABASE_URL: 'mysql://nobody@127.0.0.1/none', REDIS_URL: 'redis://127.0.0.1:1' };
const AWAY: SharedBuckets = { take: () => Promise.reject(new Error('there is no Redis here')) };

/** Counts in this process alone. */
export function localFailureLimit(
  settings: Readonly<Record<string, string>> = {},
  clock: Clock = systemClock,
): FailureLimit {
  const config = loadApiConfig({ ...SETTINGS, ...settings });
  const store = new BucketStore({ shared: AWAY, clock, log: { warn: () => undefined } });
  return new FailureLimit(store, new LimitRefusal(new Metrics()), clock, config);
}
