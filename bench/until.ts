import { setTimeout as pause } from 'node:timers/promises';

const LOOK_EVERY_MS = 50;

/** Looks until there is something. @throws Error after `msMax` */
export async function until<T>(what: string, msMax: number, look: () => Promise<T | undefined>): Promise<T> {
  const deadlineMs = performance.now() + msMax;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadlineMs) throw new Error(`There is not ${what} within ${msMax / 1_000} s`);
    await pause(LOOK_EVERY_MS);
  }
}
