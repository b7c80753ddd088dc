import type { Redis } from 'ioredis';
import type { GrantState } from '../domain/grant.js';
import type { GatewayId, GrantId } from '../kernel/brand.js';
import type { GrantChange } from '../queue/announcements.js';
import { closeChannel, grantChannel } from '../queue/jobs.js';

/** Where a message that could not be sent is noted; pino's loggers fit. */
export interface SignalLog {
  debug(fields: object, message: string): void;
}

/** Messages that make waiting shorter. One that is lost costs its receiver a moment, so a failure is only noted. */
export class GrantSignals {
  constructor(
    private readonly redis: Redis,
    private readonly prefix: string,
    private readonly log: SignalLog,
  ) {}

  /** Tells long polls that a grant's state has changed. */
  changed(id: GrantId, state: GrantState): void {
    const change: GrantChange = { id, state };
    this.#publish(grantChannel(this.prefix), JSON.stringify(change));
  }

  /** Tells a gateway to look now for grants to close; it looks by itself every second. */
  wakeGateway(gateway: GatewayId): void {
    this.#publish(closeChannel(this.prefix, gateway), 'close');
  }

  #publish(channel: string, message: string): void {
    this.redis.publish(channel, message).catch((error: unknown) => {
      this.log.debug({ channel, reason: error instanceof Error ? error.message : 'unknown' }, 'a message was not sent');
    });
  }
}
