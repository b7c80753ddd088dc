import { setTimeout as sleep } from 'node:timers/promises';
import type { SlackMessageRepository } from '../../../persistence/slack/slack-message.repository.js';
import type { ChannelLog, ChannelMetrics } from '../../channel.js';
import { CHANNEL_NAME } from '../channel-name.js';
import type { SlackSender } from './slack-sender.js';

/** Lanes that are served at a time. */
const LANES_AT_A_TIME = 8;
/** A lane that is free later than this is left to the next look. */
const PATIENCE_MS = 2_000;

export interface SlackLanesOptions {
  readonly messages: Pick<SlackMessageRepository, 'dueLanes' | 'waiting'>;
  readonly sender: Pick<SlackSender, 'sendNext'>;
  readonly log: ChannelLog;
  readonly metrics: ChannelMetrics;
  /** Waits until a lane is free, while nothing is being sent. A test moves its clocks instead. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Sends what is due, as fast as Slack allows: one after the other in a channel, and several channels at a time. */
export class SlackLanes {
  readonly #busy = new Map<string, Promise<void>>();

  constructor(private readonly options: SlackLanesOptions) {}

  /** Comes back when nothing is due that may be sent soon. */
  async serve(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted && (await this.#serveFree(signal)));
    } finally {
      await Promise.all(this.#busy.values());
      this.options.metrics.waiting(CHANNEL_NAME, await this.options.messages.waiting());
    }
  }

  /** @returns whether there is more to do soon */
  async #serveFree(signal: AbortSignal): Promise<boolean> {
    const { messages, metrics, wait = pause } = this.options;
    const lanes = await messages.dueLanes();
    metrics.waiting(CHANNEL_NAME, await messages.waiting());
    const idle = lanes.filter(({ name }) => !this.#busy.has(name));
    for (const { name, freeInMs } of idle) {
      if (freeInMs === 0 && this.#busy.size < LANES_AT_A_TIME) this.#begin(name);
    }
    const soon = idle.flatMap(({ freeInMs }) => (freeInMs > 0 && freeInMs <= PATIENCE_MS ? [freeInMs] : []));
    if (this.#busy.size === 0 && soon.length === 0) return false;
    const ms = Math.min(PATIENCE_MS, ...soon);
    if (this.#busy.size > 0) await Promise.race([...this.#busy.values(), pause(ms, signal)]);
    else await wait(ms, signal);
    return true;
  }

  #begin(name: string): void {
    const sent = this.options.sender
      .sendNext(name)
      .catch((error: unknown) => {
        this.options.log.warn({ err: error, channel: CHANNEL_NAME }, 'a message for Slack could not be looked after');
      })
      .finally(() => this.#busy.delete(name));
    this.#busy.set(name, sent);
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal, ref: false }).catch(() => undefined);
}
