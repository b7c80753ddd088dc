import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { isSignedBySlack, type SignedRequest } from '../../channels/slack/receive/signature.js';
import type { Clock } from '../../kernel/clock.js';
import type { SlackInteractionRepository } from '../../persistence/slack/slack-interaction.repository.js';
import { ReaperTimer } from '../reaper/reaper-timer.js';
import type { SlackInteractions, SlackLog } from './slack-interactions.js';
import type { SlackReceiver } from './slack-receiver.js';
import type { SocketMode } from './socket-mode.js';

const LOOK_SECONDS = 1;
/** What one look takes on; the next one is a second later. */
const AT_ONCE_MAX = 20;
const FORGET_EVERY_LOOKS = 60;

export interface SlackServiceOptions {
  readonly receiver: SlackReceiver;
  /** Null: nothing comes over HTTP. */
  readonly signingSecret: string | null;
  /** Null: nothing comes by Socket Mode. */
  readonly sockets: SocketMode | null;
  readonly interactions: SlackInteractionRepository;
  readonly worker: SlackInteractions;
  readonly clock: Clock;
  readonly log: SlackLog;
}

/** All that the api does about Slack, from its start to its end: it takes what comes, and finishes what an api left. */
export class SlackService implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #options: SlackServiceOptions;
  readonly #timer: ReaperTimer;
  readonly #working = new Set<Promise<void>>();
  #looks = 0;

  constructor(options: SlackServiceOptions) {
    this.#options = options;
    this.#timer = new ReaperTimer({ look: () => this.#look() }, LOOK_SECONDS, options.log);
  }

  get receiver(): SlackReceiver {
    return this.#options.receiver;
  }

  get takesHttp(): boolean {
    return this.#options.signingSecret !== null;
  }

  isSigned(request: SignedRequest): boolean {
    const { signingSecret, clock } = this.#options;
    return signingSecret !== null && isSignedBySlack(request, signingSecret, clock.nowMs());
  }

  /** Begins work that nobody waits for; the api does not end before it has. */
  begin(work: () => Promise<void>): void {
    const begun = work().finally(() => this.#working.delete(begun));
    this.#working.add(begun);
  }

  onApplicationBootstrap(): void {
    this.#timer.onApplicationBootstrap();
    this.#options.sockets?.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.#options.sockets?.stop();
    await this.#timer.onModuleDestroy();
    await Promise.all(this.#working);
  }

  /** What an api has accepted and not finished: it died, or Slack or the state database was away. */
  async #look(): Promise<void> {
    const { interactions, worker } = this.#options;
    if (this.#looks++ % FORGET_EVERY_LOOKS === 0) await interactions.forgetOld();
    const due = await interactions.due(AT_ONCE_MAX);
    await Promise.all(due.map((id) => worker.resume(id)));
  }
}
