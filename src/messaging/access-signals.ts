import type { Redis } from 'ioredis';
import type { PrincipalId } from '../kernel/brand.js';
import type { AccessChange } from '../queue/announcements.js';
import { accessChannel } from '../queue/jobs.js';
import { sendAtBest, type SignalLog } from './best-effort.js';

/** Messages by which every api forgets at once what it remembers of callers, and looks again at the streams it serves. */
export class AccessSignals {
  constructor(
    private readonly redis: Redis,
    private readonly prefix: string,
    private readonly log: SignalLog,
  ) {}

  /** Tells all of them that a principal may do other things than a moment ago; null: anybody may. */
  changed(principal: PrincipalId | null): void {
    const change: AccessChange = { principal };
    const sent = this.redis.publish(accessChannel(this.prefix), JSON.stringify(change));
    sendAtBest(sent, 'a message on changed access', this.log);
  }
}
