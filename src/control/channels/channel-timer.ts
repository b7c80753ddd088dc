import type { ChannelLog } from '../../channels/channel.js';

/** What is due is looked for this often, also when nobody says that there is something. */
const LOOK_MS = 1_000;

/** Lets a channel look at what is due: when it is woken, and every second. */
export class ChannelTimer {
  readonly #stop = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #isLate = false;

  constructor(
    private readonly name: string,
    private readonly look: (signal: AbortSignal) => Promise<void>,
    private readonly log: ChannelLog,
  ) {}

  start(): void {
    this.wake();
  }

  /** Now, or right after the look that is under way: that one may have begun before there was something. */
  wake(): void {
    if (this.#stop.signal.aborted) return;
    this.#isLate = true;
    this.#looking ??= this.#lookWhileLate();
  }

  /** A look that is under way is told so, and waited for. */
  async stop(): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#timer);
    await this.#looking;
  }

  async #lookWhileLate(): Promise<void> {
    clearTimeout(this.#timer);
    while (this.#isLate && !this.#stop.signal.aborted) {
      this.#isLate = false;
      await this.#lookOnce();
    }
    this.#looking = undefined;
    if (!this.#stop.signal.aborted) this.#timer = setTimeout(() => this.wake(), LOOK_MS);
  }

  async #lookOnce(): Promise<void> {
    try {
      await this.look(this.#stop.signal);
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      this.log.warn({ err: error, channel: this.name }, 'a channel could not look at what is due; it tries again');
    }
  }
}
