import { type GatewayJob, type WorkerJob } from './jobs.js';

/** How often a job is tried and how long it waits before it is tried again. */
export interface RetryPolicy {
  readonly attempts: number;
  readonly backoff?: { readonly type: 'exponential'; readonly delay: number; readonly jitter: number };
}

/** Somebody waits for the answer, and it is told to them; trying again is theirs to decide. */
const ONCE: RetryPolicy = { attempts: 1 };

/** About 0.5, 1, 2, … seconds, over a minute in all; what is still undone then the worker's next look finds. */
const PATIENTLY: RetryPolicy = { attempts: 8, backoff: { type: 'exponential', delay: 500, jitter: 0.3 } };

const POLICIES: Readonly<Record<GatewayJob['name'] | WorkerJob['name'], RetryPolicy>> = {
  open: ONCE,
  inspect: ONCE,
  expire: PATIENTLY,
  seal: PATIENTLY,
  'approval-notify': PATIENTLY,
  'approval-remind': PATIENTLY,
  'approval-time-out': PATIENTLY,
};

/** The policy of every job; one that is missing here does not compile. */
export function retryPolicyOf(name: keyof typeof POLICIES): RetryPolicy {
  return POLICIES[name];
}
