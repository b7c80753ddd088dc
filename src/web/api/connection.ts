import { createStore } from './store.js';

/** Since when nothing answers, in milliseconds of `Date.now()`; undefined while the broker answers. */
const silentSince = createStore<number | undefined>(undefined);

export function brokerAnswered(): void {
  silentSince.set(undefined);
}

export function brokerIsSilent(): void {
  if (silentSince.get() === undefined) silentSince.set(Date.now());
}

export const useSilentSince = silentSince.use;
