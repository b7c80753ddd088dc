import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import type { Channel, ChannelLog, ChannelMetrics, ChannelParts, OpenChannel } from '../../channels/channel.js';
import type { Notifier } from '../../channels/notifier.js';
import type { WorkerConfig } from '../../config/worker.js';
import type { Clock } from '../../kernel/clock.js';
import type { EnvelopeKey } from '../../keys/envelope.js';
import type { ApprovalRepository } from '../../persistence/approvals/approval.repository.js';
import { ChannelStateRepository } from '../../persistence/channels/channel-state.repository.js';
import { PrincipalRepository } from '../../persistence/identity/principal.repository.js';
import type { StateSource } from '../../persistence/state/data-source.js';
import { TargetRepository } from '../../persistence/targets/target.repository.js';
import type { StatementRows } from '../../persistence/statements/statement-rows.js';
import { approvalViewOf } from '../approvals/approval-view.js';
import { ranViewsOf } from '../approvals/ran-views.js';
import { targetLabelsOf } from '../approvals/target-labels.js';
import type { KnownProtocols } from '../modules/known-protocols.js';
import { ChannelReports, type ReportedChannel } from './channel-reports.js';
import { ChannelTestSender, type TestableChannel } from './channel-test-sender.js';
import { ChannelTimer } from './channel-timer.js';

export interface OpenChannelsOptions {
  readonly channels: readonly Channel[];
  readonly config: WorkerConfig;
  readonly state: StateSource;
  readonly approvals: ApprovalRepository;
  readonly statements: StatementRows;
  readonly protocols: KnownProtocols;
  readonly envelopeKey: EnvelopeKey;
  readonly clock: Clock;
  readonly log: ChannelLog;
  readonly metrics: ChannelMetrics;
}

interface NamedChannel {
  readonly name: string;
  readonly open: OpenChannel;
  /** Undefined: it has nothing to look at. */
  readonly timer: ChannelTimer | undefined;
}

/** The channels that the environment asks for: opened with the worker, at work as long as it is. */
export class OpenChannels implements OnApplicationBootstrap, OnModuleDestroy {
  readonly notifiers: readonly Notifier[];
  readonly #open: readonly OpenChannel[];
  readonly #timers: readonly ChannelTimer[];

  constructor({ channels, state, log }: OpenChannelsOptions, { opened, states, reports }: Opened) {
    reports.about(channels.map(({ name }) => reportedOf(name, opened)));
    const testable = new Map(opened.flatMap(({ name, open }) => (isTestable(open) ? [[name, open] as const] : [])));
    const tests = new ChannelTestSender({
      states,
      principals: new PrincipalRepository(state),
      channels: testable,
      log,
    });
    this.#open = opened.map(({ open }) => open);
    this.#timers = [
      ...opened.flatMap(({ timer }) => (timer === undefined ? [] : [timer])),
      new ChannelTimer('reports', async () => reports.write(performance.now()), log),
      new ChannelTimer('tests', async (signal) => tests.look(signal), log),
    ];
    this.notifiers = opened.flatMap(notifierOf);
  }

  onApplicationBootstrap(): void {
    for (const timer of this.#timers) timer.start();
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all(this.#timers.map((timer) => timer.stop()));
    await Promise.all(this.#open.map(async (open) => open.close?.()));
  }
}

interface Opened {
  readonly opened: readonly NamedChannel[];
  readonly states: ChannelStateRepository;
  readonly reports: ChannelReports;
}

/** Opens the channels that the environment asks for, one after the other. */
export class ChannelOpener {
  constructor(private readonly options: OpenChannelsOptions) {}

  /** @throws ConfigError where the settings of a channel do not fit together */
  async open(): Promise<OpenChannels> {
    const { channels, state, metrics, log } = this.options;
    const states = new ChannelStateRepository(state);
    const reports = new ChannelReports(states, metrics);
    const parts = { ...this.options, metrics: reports, questionOf: questionsOf(this.options) };
    const opened: NamedChannel[] = [];
    for (const channel of channels) {
      const { name } = channel;
      const open = await channel.open(parts);
      if (open !== undefined) opened.push({ name, open, timer: timerOf(name, open, reports, log) });
    }
    return new OpenChannels(this.options, { opened, states, reports });
  }
}

function questionsOf(options: OpenChannelsOptions): ChannelParts['questionOf'] {
  const { approvals, statements, state, clock, protocols } = options;
  const targets = new TargetRepository(state);
  return async (id) => {
    const row = await approvals.find(id);
    if (row === undefined) return undefined;
    const view = approvalViewOf(row, { viewer: null, person: null, nowMs: clock.nowMs(), protocols });
    const targetLabels = await targetLabelsOf(row, targets);
    if (row.kind === 'grant') return { ...view, targetLabels };
    return { ...view, targetLabels, ran: await ranViewsOf(row, statements) };
  };
}

function reportedOf(name: string, opened: readonly NamedChannel[]): ReportedChannel {
  const open = opened.find((channel) => channel.name === name)?.open;
  return { name, isOpen: open !== undefined, testable: open !== undefined && isTestable(open) };
}

function isTestable(open: OpenChannel): open is OpenChannel & TestableChannel {
  return open.test !== undefined;
}

/** What keeps a channel from looking is reported too. */
function timerOf(name: string, open: OpenChannel, reports: ChannelReports, log: ChannelLog): ChannelTimer | undefined {
  if (open.look === undefined) return undefined;
  const look = async (signal: AbortSignal): Promise<void> => {
    try {
      await open.look?.(signal);
    } catch (error) {
      if (!signal.aborted) reports.failed(name, 'It could not look at what is due; the log of the worker says why.');
      throw error;
    }
  };
  return new ChannelTimer(name, look, log);
}

/** What a notifier has noted is sent at once. */
function notifierOf({ open: { notifier }, timer }: NamedChannel): readonly Notifier[] {
  if (notifier === undefined) return [];
  if (timer === undefined) return [notifier];
  const notify: Notifier['notify'] = async (notice, signal) => {
    await notifier.notify(notice, signal);
    timer.wake();
  };
  return [{ notify }];
}
