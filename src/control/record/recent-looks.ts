import { REPEAT_MS } from '../../persistence/record/record-repeats.js';

const LOOKS_MAX = 10_000;
/** Another process wrote the entry; how long ago is not known here. */
const OTHERS_MS = 30_000;

/** Looks that have their entry: this process need not ask the state database for each page. */
export class RecentLooks {
  readonly #untilMs = new Map<string, number>();

  has(key: string): boolean {
    const untilMs = this.#untilMs.get(key);
    if (untilMs === undefined) return false;
    if (untilMs > performance.now()) return true;
    this.#untilMs.delete(key);
    return false;
  }

  /** @param isOwn this process wrote the entry, just now */
  remember(key: string, isOwn: boolean): void {
    const [oldest] = this.#untilMs.keys();
    if (oldest !== undefined && this.#untilMs.size >= LOOKS_MAX) this.#untilMs.delete(oldest);
    this.#untilMs.set(key, performance.now() + (isOwn ? REPEAT_MS : OTHERS_MS));
  }
}
