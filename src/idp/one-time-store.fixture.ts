import type { OneTimeStore } from './one-time-store.js';

/** A store of one-time values in this process, for tests of pure code; it forgets nothing by time. */
export class OneTimeMemory implements OneTimeStore {
  private readonly values = new Map<string, string>();
  private readonly claimed = new Set<string>();

  async put(key: string, value: string): Promise<void> {
    this.values.set(key, value);
  }

  async take(key: string): Promise<string | undefined> {
    const value = this.values.get(key);
    this.values.delete(key);
    return value;
  }

  async claim(key: string): Promise<boolean> {
    const isFirst = !this.claimed.has(key);
    this.claimed.add(key);
    return isFirst;
  }
}
