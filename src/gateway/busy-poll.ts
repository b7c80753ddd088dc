/** Who sent the bytes that came. */
export type Sender = 'client' | 'target';

export interface BusyPollOptions {
  /** How long the event loop looks for more bytes before it sleeps, in microseconds; 0 lets it sleep at once. */
  readonly windowUs: number;
  readonly monotonicUs: () => number;
  /** Runs the function at the end of this turn of the event loop, or in the next one when it is at its end. */
  readonly runSoon: (decide: () => void) => void;
}

/** A gap counts as no longer than this many windows: one pause for thought is forgotten after a few bytes. */
const GAP_WINDOWS_MAX = 4;
/** The weight of the last gap in the average. */
const GAP_WEIGHT = 1 / 8;

/**
 * Keeps the event loop awake for a moment after bytes have come, where more are likely to follow at once: being woken
 * from sleep takes an idle processor, above all a virtual one, longer than all that the gateway does with a statement.
 *
 * Looking costs the processor, so it is done only while the gaps after bytes of the same sender are, on average, shorter
 * than the window: the answer of a quick target is looked for even when its client is a slow one.
 */
export class BusyPoll {
  readonly #options: BusyPollOptions;
  readonly #gapUs: Record<Sender, number>;
  /** Of the bytes that came last before this turn. */
  #before: Sender = 'client';
  #beforeUs: number;
  #came: Sender | undefined;
  #untilUs = 0;
  #isAwake = false;

  constructor(options: BusyPollOptions) {
    this.#options = options;
    const gapUs = GAP_WINDOWS_MAX * options.windowUs;
    this.#gapUs = { client: gapUs, target: gapUs };
    this.#beforeUs = options.monotonicUs();
  }

  /** Bytes of any session have come. What it means is thought about once for all that come in a turn. */
  arrived(sender: Sender): void {
    if (this.#options.windowUs === 0) return;
    this.#came = sender;
    if (this.#isAwake) return;
    this.#isAwake = true;
    this.#options.runSoon(this.#decide);
  }

  readonly #decide = (): void => {
    const { monotonicUs, runSoon } = this.#options;
    const nowUs = monotonicUs();
    if (this.#came !== undefined) this.#take(this.#came, nowUs);
    this.#came = undefined;
    this.#isAwake = nowUs < this.#untilUs;
    if (this.#isAwake) runSoon(this.#decide);
  };

  #take(sender: Sender, nowUs: number): void {
    const { windowUs } = this.#options;
    const gaps = this.#gapUs;
    const gapUs = Math.min(nowUs - this.#beforeUs, GAP_WINDOWS_MAX * windowUs);
    gaps[this.#before] += (gapUs - gaps[this.#before]) * GAP_WEIGHT;
    this.#before = sender;
    this.#beforeUs = nowUs;
    if (gaps[sender] < windowUs) this.#untilUs = nowUs + windowUs;
  }
}
