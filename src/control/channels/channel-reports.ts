import type { ChannelMetrics } from '../../channels/channel.js';
import type { ChannelReport, ChannelStateRepository } from '../../persistence/channels/channel-state.repository.js';

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
    private readonly states: ChannelStateRepository,
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
    for (const channel of telling) await this.states.report(this.#take(channel));
    if (isTime) this.#reportedAtMs = monotonicMs;
  }

  /** What is taken is told, or lost with a state database that is away: the next failure is told again. */
  #take(channel: ReportedChannel): ChannelReport {
    const { hasSent, failure, waiting } = this.#newsOf(channel.name);
    this.#news.delete(channel.name);
    return { ...channel, hasSent, failure, waiting };
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
