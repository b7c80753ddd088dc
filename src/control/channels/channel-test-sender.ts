import { ChannelFailure, type ChannelLog, type OpenChannel } from '../../channels/channel.js';
import type { ChannelStateRepository, TakenTest } from '../../persistence/channels/channel-state.repository.js';
import type { PrincipalRepository } from '../../persistence/identity/principal.repository.js';

/** A channel that can send a test. */
export type TestableChannel = Required<Pick<OpenChannel, 'test'>>;

export interface ChannelTestSenderOptions {
  readonly states: Pick<ChannelStateRepository, 'takeTests' | 'testDone'>;
  readonly principals: Pick<PrincipalRepository, 'findById'>;
  readonly channels: ReadonlyMap<string, TestableChannel>;
  readonly log: ChannelLog;
}

/** Sends the tests that operators have asked for: of several workers one takes each. */
export class ChannelTestSender {
  readonly #options: ChannelTestSenderOptions;

  constructor(options: ChannelTestSenderOptions) {
    this.#options = options;
  }

  async look(signal: AbortSignal): Promise<void> {
    const { states, channels } = this.#options;
    if (channels.size === 0) return;
    for (const taken of await states.takeTests([...channels.keys()])) {
      const failure = await this.#failureOf(taken, signal);
      await states.testDone(taken, failure);
    }
  }

  /** Null: it was sent. */
  async #failureOf({ id, channel, by }: TakenTest, signal: AbortSignal): Promise<string | null> {
    const { channels, principals, log } = this.#options;
    const asker = await principals.findById(by);
    try {
      await channels.get(channel)?.test({ id, address: asker?.email ?? null }, signal);
      return null;
    } catch (error) {
      if (error instanceof ChannelFailure) return error.message;
      log.warn({ err: error, channel }, 'a test of a channel failed');
      return 'It failed; the log of the worker says why.';
    }
  }
}
