import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import type { Channel, ChannelLog, ChannelMetrics, OpenChannel } from '../../channels/channel.js';
import type { Notifier } from '../../channels/notifier.js';
import type { WorkerConfig } from '../../config/worker.js';
import type { ApprovalId } from '../../kernel/brand.js';
import type { Clock } from '../../kernel/clock.js';
import type { ApprovalRepository } from '../../persistence/approvals/approval.repository.js';
import type { StateSource } from '../../persistence/state/data-source.js';
import { approvalViewOf } from '../approvals/approval-view.js';
import type { KnownProtocols } from '../modules/known-protocols.js';
import { ChannelTimer } from './channel-timer.js';

export interface OpenChannelsOptions {
  readonly channels: readonly Channel[];
  readonly config: WorkerConfig;
  readonly state: StateSource;
  readonly approvals: ApprovalRepository;
  readonly protocols: KnownProtocols;
  readonly clock: Clock;
  readonly log: ChannelLog;
  readonly metrics: ChannelMetrics;
}

/** The channels that the environment asks for: opened with the worker, at work as long as it is. */
export class OpenChannels implements OnApplicationBootstrap, OnModuleDestroy {
  readonly notifiers: readonly Notifier[];
  readonly #open: readonly OpenChannel[];
  readonly #timers: readonly ChannelTimer[];

  /** @throws ConfigError where the settings of a channel do not fit together */
  constructor({ channels, approvals, protocols, ...parts }: OpenChannelsOptions) {
    const { clock, log } = parts;
    const questionOf = async (id: ApprovalId) => {
      const row = await approvals.find(id);
      return row && approvalViewOf(row, { viewer: null, person: null, nowMs: clock.nowMs(), protocols });
    };
    const opened = channels.flatMap((channel) => {
      const open = channel.open({ ...parts, questionOf });
      return open === undefined ? [] : [{ name: channel.name, open, timer: timerOf(channel.name, open, log) }];
    });
    this.#open = opened.map(({ open }) => open);
    this.#timers = opened.flatMap(({ timer }) => (timer === undefined ? [] : [timer]));
    this.notifiers = opened.flatMap(({ open, timer }) => notifierOf(open, timer));
  }

  onApplicationBootstrap(): void {
    for (const timer of this.#timers) timer.start();
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all(this.#timers.map((timer) => timer.stop()));
    await Promise.all(this.#open.map(async (open) => open.close?.()));
  }
}

function timerOf(name: string, open: OpenChannel, log: ChannelLog): ChannelTimer | undefined {
  if (open.look === undefined) return undefined;
  return new ChannelTimer(name, async (signal) => open.look?.(signal), log);
}

/** What a notifier has noted is sent at once. */
function notifierOf({ notifier }: OpenChannel, timer: ChannelTimer | undefined): readonly Notifier[] {
  if (notifier === undefined) return [];
  if (timer === undefined) return [notifier];
  const notify: Notifier['notify'] = async (notice, signal) => {
    await notifier.notify(notice, signal);
    timer.wake();
  };
  return [{ notify }];
}
