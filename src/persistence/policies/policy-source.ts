import type { GatewayLog, PolicySource } from '../../gateway/ports.js';
import type { Clock } from '../../kernel/clock.js';
import type { PolicyVocabulary } from '../../policy/vocabulary.js';
import type { PolicySet } from '../../policy/policy-set.js';
import { PolicyReader } from './policy-reader.js';
import type { PolicyRepository } from './policy.repository.js';

/** A change is in force within this, whatever becomes of messages. */
export const POLICY_LOOK_MS = 500;

export interface PolicySourceOptions {
  readonly repository: Pick<PolicyRepository, 'revision' | 'read'>;
  readonly vocabularies: readonly PolicyVocabulary[];
  readonly clock: Pick<Clock, 'monotonicUs'>;
  /** After so long without a successful look nobody knows what is in force. */
  readonly staleSeconds: number;
  readonly log: Pick<GatewayLog, 'info' | 'error'>;
  readonly lookMs?: number;
}

/** The policies in force, followed by asking the state database; a message that something changed makes it ask at once. */
export class DatabasePolicySource implements PolicySource {
  readonly #options: PolicySourceOptions;
  readonly #reader: PolicyReader;
  readonly #timer: NodeJS.Timeout;
  #policies: PolicySet | undefined;
  /** When the last look that succeeded began: what it found was in force then, and not surely any later. */
  #knownAtUs = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> | undefined;
  #again = false;
  #failure: string | undefined;
  #closed = false;

  /** Looks once before it resolves; when that fails `current()` is undefined until a later look succeeds. */
  static async start(options: PolicySourceOptions): Promise<DatabasePolicySource> {
    const source = new DatabasePolicySource(options);
    await source.look();
    return source;
  }

  private constructor(options: PolicySourceOptions) {
    this.#options = options;
    this.#reader = new PolicyReader(options.repository, options.vocabularies);
    this.#timer = setInterval(() => void this.look(), options.lookMs ?? POLICY_LOOK_MS);
  }

  current(): PolicySet | undefined {
    const { clock, staleSeconds } = this.#options;
    const ageUs = clock.monotonicUs() - this.#knownAtUs;
    return ageUs <= staleSeconds * 1_000_000 ? this.#policies : undefined;
  }

  /**
   * Asks what is in force now and resolves when that is known, or known to fail; it never rejects. While one look is
   * under way the next one waits for it, because what the first one reads may be older than the message.
   */
  async look(): Promise<void> {
    if (this.#closed) return;
    this.#again = this.#looking !== undefined;
    this.#looking ??= this.#lookUntilDone();
    await this.#looking;
  }

  /** Ends asking; `current()` is undefined from then on. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#policies = undefined;
  }

  async #lookUntilDone(): Promise<void> {
    try {
      do {
        this.#again = false;
        await this.#lookOnce();
      } while (this.#again && !this.#closed);
    } finally {
      this.#looking = undefined;
    }
  }

  async #lookOnce(): Promise<void> {
    const { clock, log } = this.#options;
    const beganAtUs = clock.monotonicUs();
    try {
      const policies = await this.#reader.read();
      if (this.#closed) return;
      if (policies.version !== this.#policies?.version) log.info({ policies: policies.version }, 'policies in force');
      this.#policies = policies;
      this.#knownAtUs = beganAtUs;
      this.#failure = undefined;
    } catch (error) {
      const failure = error instanceof Error ? error.message : String(error);
      if (failure !== this.#failure) log.error({ reason: failure }, 'the policies in force cannot be learnt');
      this.#failure = failure;
    }
  }
}
