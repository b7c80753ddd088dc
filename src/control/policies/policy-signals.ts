import type { Redis } from 'ioredis';
import { policyChannel } from '../../queue/jobs.js';

/** Where a message that could not be sent is noted; pino's loggers fit. */
interface SignalLog {
  debug(fields: object, message: string): void;
}

/** Tells gateways that a policy has changed. They ask twice a second by themselves, so a failure is only noted. */
export class PolicySignals {
  constructor(
    private readonly redis: Redis,
    private readonly prefix: string,
    private readonly log: SignalLog,
  ) {}

  changed(revision: number): void {
    this.redis.publish(policyChannel(this.prefix), String(revision)).catch((error: unknown) => {
      this.log.debug({ reason: error instanceof Error ? error.message : 'unknown' }, 'a change of policy was not told');
    });
  }
}
