import {
  type InvalidateOptions,
  type InvalidateQueryFilters,
  type Query,
  QueryClient,
  type QueryKey,
} from '@tanstack/react-query';
import { NoAnswer } from './failure.js';

const SILENT_TRIES_MAX = 3;

/** What the page knows of the broker. Only what had no answer is asked again by itself: a refusal stays one. */
export function createQueryClient(): QueryClient {
  return new PageQueries({
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

/**
 * What is invalidated is asked for after that. By itself TanStack Query takes the answer of a first call that is under way,
 * which may be older than what has happened; and it cuts later calls off, so that news which comes faster than answers
 * would keep every answer away. Here a call that is under way ends, and one more follows it, whatever comes meanwhile.
 */
class PageQueries extends QueryClient {
  readonly #following = new WeakMap<Query, Promise<void>>();

  override async invalidateQueries<Key extends QueryKey = QueryKey>(
    filters: InvalidateQueryFilters<Key> = {},
    options: InvalidateOptions = {},
  ): Promise<void> {
    const found = this.getQueryCache().findAll(filters);
    const busy = new Set(found.filter(({ state }) => state.fetchStatus !== 'idle'));
    const idle = new Set(found.filter((query) => !busy.has(query)));
    const followed = [...busy].map((query) => this.#follow(query, filters.refetchType, options));
    const isIdle = (query: object): boolean => idle.has(query as Query);
    await Promise.all([super.invalidateQueries({ ...filters, predicate: isIdle }, options), ...followed]);
  }

  /** One more call after the one that is under way, for all who ask for it until then. */
  #follow(query: Query, refetchType: InvalidateQueryFilters['refetchType'], options: InvalidateOptions): Promise<void> {
    const before = this.#following.get(query);
    if (before !== undefined) return before;
    const filters = { queryKey: query.queryKey, exact: true, ...(refetchType === undefined ? {} : { refetchType }) };
    const followed = (async () => {
      await query.promise?.catch(() => undefined); // its failure is told where it is shown
      this.#following.delete(query);
      await super.invalidateQueries(filters, options);
    })();
    this.#following.set(query, followed);
    return followed;
  }
}
