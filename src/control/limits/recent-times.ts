/** Times by name, as many as were set last. */
export class RecentTimes {
  readonly #times = new Map<string, number>();
  readonly #countMax: number;

  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  get(name: string): number | undefined {
    return this.#times.get(name);
  }

  set(name: string, time: number): void {
    this.#times.delete(name);
    this.#times.set(name, time);
    const [oldest] = this.#times.keys();
    if (oldest !== undefined && this.#times.size > this.#countMax) this.#times.delete(oldest);
  }

  delete(name: string): void {
    this.#times.delete(name);
  }
}
