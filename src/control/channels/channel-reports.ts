import type { ChannelMetrics } from '../../channels/channel.js';
import type { ChannelStateRepository } from '../../persistence/channels/channel-state.repository.js';

/** A worker that says nothing for longer is taken to be gone, or to have the channel open no more. */
export const REPORT_MS_MAX = 30_000;
const REPORT_EVERY_MS = 10_000;

/** What a channel can do. */
export interface ReportedChannel {
  readonly name: string;
  readonly isOpen: boolean;
  readonly testable: boolean;
}

interface ChannelNews {
  hasSent: boolean;
  failure: string | null;
  waiting: number | null;
}

/**
 * What this worker has to say of its channels: counted as channels say it, and written to the state database, where the
 * api reads it.
 */
export class ChannelReports implements ChannelMetrics {
  readonly #news = new Map<string, ChannelNews>();
  #channels: readonly ReportedChannel[] = [];
  #reportedAtMs = -Infinity;

  constructor(
    private readonly states: Pick<ChannelStateRepository, 'report'>,
    private readonly counted: ChannelMetrics,
  ) {}

  /** All that this worker knows, those besides that it has not open. */
  about(channels: readonly ReportedChannel[]): void {
    this.#channels = channels;
  }

  sent(channel: string, outcome: 'sent' | 'repeated' | 'given-up', why?: string): void {
    this.counted.sent(channel, outcome);
    const news = this.#newsOf(channel);
    if (outcome === 'sent') news.hasSent = true;
    else news.failure = why ?? news.failure;
  }

  waiting(channel: string, count: number): void {
    this.counted.waiting(channel, count);
    this.#newsOf(channel).waiting = count;
  }

  /** Something went wrong of which nothing is counted. */
  failed(channel: string, why: string): void {
    this.#newsOf(channel).failure = why;
  }

  /** Writes what is new; and that the worker is there, every ten seconds. `monotonicMs` is a clock's that never jumps. */
  async write(monotonicMs: number): Promise<void> {
    const isTime = monotonicMs - this.#reportedAtMs >= REPORT_EVERY_MS;
    const telling = this.#channels.filter(({ name }) => isTime || isWorthTelling(this.#news.get(name)));
    for (const channel of telling) await this.#report(channel);
    if (isTime) this.#reportedAtMs = monotonicMs;
  }

  /** What a state database that is away does not take is told later, with what has come meanwhile. */
  async #report(channel: ReportedChannel): Promise<void> {
    const told = this.#newsOf(channel.name);
    this.#news.delete(channel.name);
    try {
      await this.states.report({ ...channel, ...told });
    } catch (error) {
      const news = this.#newsOf(channel.name);
      news.hasSent ||= told.hasSent;
      news.failure ??= told.failure;
      news.waiting ??= told.waiting;
      throw error;
    }
  }

  #newsOf(channel: string): ChannelNews {
    const known = this.#news.get(channel) ?? { hasSent: false, failure: null, waiting: null };
    this.#news.set(channel, known);
    return known;
  }
}

/** How much waits can wait itself. */
function isWorthTelling(news: ChannelNews | undefined): boolean {
  return news !== undefined && (news.hasSent || news.failure !== null);
}
