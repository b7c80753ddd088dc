/** Who sent the bytes that came. */
export type Sender = 'client' | 'target';

export interface BusyPollOptions {
  /** How long the event loop looks for more bytes before it sleeps, in microseconds; 0 lets it sleep at once. */
  readonly windowUs: number;
  readonly monotonicUs: () => number;
  /** Runs the function in the next turn of the event loop. */
  readonly nextTurn: (turn: () => void) => void;
}

/** A gap counts as no longer than this many windows: one pause for thought is forgotten after a few bytes. */
const GAP_WINDOWS_MAX = 4;
/** The weight of the last gap in the average. */
const GAP_WEIGHT = 1 / 8;

/**
 * Keeps the event loop awake for a moment after bytes have come, where more are likely to follow at once: being woken
 * from sleep takes an idle processor, above all a virtual one, longer than all that the gateway does with a statement.
 *
 * Looking costs the processor, so it is done only while the gaps behind bytes of the same sender are, on average, shorter
 * than the window: the answer of a quick target is looked for even when its client is a slow one.
 */
export class BusyPoll {
  readonly #options: BusyPollOptions;
  readonly #gapUs: Record<Sender, number>;
  #sender: Sender = 'client';
  #arrivedUs: number;
  #untilUs = 0;
  #isPolling = false;
  readonly #turn = (): void => {
    if (this.#options.monotonicUs() < this.#untilUs) this.#options.nextTurn(this.#turn);
    else this.#isPolling = false;
  };

  constructor(options: BusyPollOptions) {
    this.#options = options;
    const gapUs = GAP_WINDOWS_MAX * options.windowUs;
    this.#gapUs = { client: gapUs, target: gapUs };
    this.#arrivedUs = options.monotonicUs();
  }

  /** Bytes of any session have come. */
  arrived(sender: Sender): void {
    const { windowUs, monotonicUs, nextTurn } = this.#options;
    if (windowUs === 0) return;
    const nowUs = monotonicUs();
    const gaps = this.#gapUs;
    const gapUs = Math.min(nowUs - this.#arrivedUs, GAP_WINDOWS_MAX * windowUs);
    gaps[this.#sender] += (gapUs - gaps[this.#sender]) * GAP_WEIGHT;
    this.#sender = sender;
    this.#arrivedUs = nowUs;
    if (gaps[sender] >= windowUs) return;
    this.#untilUs = nowUs + windowUs;
    if (this.#isPolling) return;
    this.#isPolling = true;
    nextTurn(this.#turn);
  }
}
