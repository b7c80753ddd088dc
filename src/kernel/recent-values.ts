/** The values that were used last, no more than so many. */
export class RecentValues<K, V> {
  readonly #max: number;
  readonly #values = new Map<K, V>();

  constructor(max: number) {
    this.#max = max;
  }

  /** The value of this key, made where there is none. */
  take(key: K, make: () => V): V {
    const value = this.#values.get(key) ?? make();
    this.#values.delete(key); // so that the order is that of the last use
    this.#values.set(key, value);
    const [oldest] = this.#values.keys();
    if (oldest !== undefined && this.#values.size > this.#max) this.#values.delete(oldest);
    return value;
  }

  forget(key: K): void {
    this.#values.delete(key);
  }
}
