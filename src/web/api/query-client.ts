import { QueryClient } from '@tanstack/react-query';
import { NoAnswer } from './failure.js';

const SILENT_TRIES_MAX = 3;

/** What the page knows of the broker. Only what had no answer is asked again by itself: a refusal stays one. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        refetchOnWindowFocus: true,
        networkMode: 'always', // a browser's idea of being online says nothing about this broker
        retry: (tries, error) => error instanceof NoAnswer && tries < SILENT_TRIES_MAX,
        retryDelay: (tries) => Math.min(500 * 2 ** tries, 5_000),
      },
      mutations: { retry: false, networkMode: 'always' },
    },
  });
}
