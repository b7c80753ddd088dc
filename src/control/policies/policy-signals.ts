import type { Redis } from 'ioredis';
import { sendAtBest, type SignalLog } from '../../messaging/best-effort.js';
import { policyChannel } from '../../queue/jobs.js';

/** Tells gateways that a policy has changed. They ask twice a second by themselves. */
export class PolicySignals {
  constructor(
    private readonly redis: Redis,
    private readonly prefix: string,
    private readonly log: SignalLog,
  ) {}

  changed(revision: number): void {
    sendAtBest(this.redis.publish(policyChannel(this.prefix), String(revision)), 'a change of policy', this.log);
  }
}
