import type { Redis } from 'ioredis';
import type { PrincipalId } from '../kernel/brand.js';
import type { AccessChange } from '../queue/announcements.js';
import { accessChannel } from '../queue/jobs.js';
import type { AccessListener } from './change-watch.js';
import { sendAtBest, type SignalLog } from './best-effort.js';

export interface AccessSignalsOptions {
  readonly redis: Redis;
  readonly prefix: string;
  readonly log: SignalLog;
  /** Tells those who listen in this process. */
  readonly tellHere: AccessListener;
}

/** Messages by which every api forgets at once what it remembers of callers, and looks again at the streams it serves. */
export class AccessSignals {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #log: SignalLog;
  readonly #tellHere: AccessListener;

  constructor({ redis, prefix, log, tellHere }: AccessSignalsOptions) {
    this.#redis = redis;
    this.#prefix = prefix;
    this.#log = log;
    this.#tellHere = tellHere;
  }

  /**
   * Tells all of them that a principal may do other things than a moment ago; null: anybody may. This api has forgotten it
   * when the call returns, the others when the message comes.
   */
  changed(principal: PrincipalId | null): void {
    this.#tellHere(principal);
    const change: AccessChange = { principal };
    const sent = this.#redis.publish(accessChannel(this.#prefix), JSON.stringify(change));
    sendAtBest(sent, 'a message on changed access', this.#log);
  }
}
