import type { Redis } from 'ioredis';
import type { GrantState } from '../domain/grant.js';
import type { GatewayId, GrantId } from '../kernel/brand.js';
import type { GrantChange } from '../queue/announcements.js';
import { closeChannel, grantChannel } from '../queue/jobs.js';
import { sendAtBest, type SignalLog } from './best-effort.js';

/** Messages that make waiting for a grant shorter. */
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
    sendAtBest(this.redis.publish(channel, message), `a message on ${channel}`, this.log);
  }
}
