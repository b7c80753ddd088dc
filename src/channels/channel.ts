import type { ApprovalView } from '../contracts/approvals/approval.js';
import type { WorkerConfig } from '../config/worker.js';
import type { ApprovalId } from '../kernel/brand.js';
import type { Clock } from '../kernel/clock.js';
import type { EnvelopeKey } from '../keys/envelope.js';
import type { StateSource } from '../persistence/state/data-source.js';
import type { Notifier } from './notifier.js';

/** Where a channel says what went wrong; pino's loggers fit. No text of a statement, no row and no secret goes there. */
export interface ChannelLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** What is counted of channels. */
export interface ChannelMetrics {
  /**
   * Of something that was sent, or was not. `why` tells operators what went wrong: a sentence without a secret, an address
   * or a text of others.
   */
  sent(channel: string, outcome: 'sent' | 'repeated' | 'given-up', why?: string): void;
  /** How much waits to be sent now. */
  waiting(channel: string, count: number): void;
}

/** What the worker gives to the channels that it opens. */
export interface ChannelParts {
  readonly config: WorkerConfig;
  /** For the channel's own repositories. */
  readonly state: StateSource;
  /** Everything that an approver is shown, as it is now; undefined when there is no such approval. */
  readonly questionOf: (id: ApprovalId) => Promise<ApprovalView | undefined>;
  /** Opens secrets that the apis have sealed for the workers. */
  readonly envelopeKey: Pick<EnvelopeKey, 'openSecret'>;
  readonly clock: Clock;
  readonly log: ChannelLog;
  readonly metrics: ChannelMetrics;
}

/** Something was not sent. Operators read its message: no secret is in it, no address and no text of others. */
export class ChannelFailure extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ChannelFailure';
  }
}

/** A test that an operator has asked for. */
export interface ChannelTest {
  readonly id: string;
  /** Of the one who asked: verified by their identity provider, else null. */
  readonly address: string | null;
}

/** A channel at work. */
export interface OpenChannel {
  /** Notes what there is to tell and comes back: what waits for others' servers is the business of {@link look}. */
  readonly notifier?: Notifier;
  /** Does what is due now. The worker calls it again and again, never twice at a time; other workers do the same. */
  look?(signal: AbortSignal): Promise<void>;
  /** Sends something that shows an operator that the channel works. @throws ChannelFailure */
  test?(asked: ChannelTest, signal: AbortSignal): Promise<void>;
  /** Resolves once nothing is under way any more. */
  close?(): Promise<void>;
}

/** A way by which the broker reaches people or their programs: a folder of src/channels/, and a line in a list of src/apps/. */
export interface Channel {
  readonly name: string;
  /**
   * Undefined: the environment does not ask for it, and what it would need is not loaded. All that it needs is loaded when
   * this resolves. @throws ConfigError where its settings do not fit together
   */
  open(parts: ChannelParts): Promise<OpenChannel | undefined>;
}
