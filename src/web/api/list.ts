import { useInfiniteQuery } from '@tanstack/react-query';
import { call, type Query } from './call.js';

interface AnyPage<Item> {
  readonly items: readonly Item[];
  readonly next: string | number | null;
}

/** What was read of a list so far, and how to read on. */
export interface ReadList<Item> {
  readonly items: readonly Item[];
  readonly isPending: boolean;
  readonly error: unknown;
  readonly hasMore: boolean;
  readonly isReadingOn: boolean;
  readonly readOn: () => void;
  readonly again: () => void;
}

export interface ReadListOptions {
  /** Default: it is. */
  readonly isOn?: boolean;
  /** How often what was read of it is read again by itself; absent: never. */
  readonly everyMs?: number;
}

/** A list of the API page by page. Its query key is `[...key, query]`. */
export function useReadList<Item>(
  key: readonly string[],
  path: string,
  query: Query = {},
  { isOn = true, everyMs }: ReadListOptions = {},
): ReadList<Item> {
  const result = useInfiniteQuery({
    queryKey: [...key, query],
    queryFn: ({ pageParam, signal }) => call<AnyPage<Item>>(path, { query: { ...query, cursor: pageParam }, signal }),
    initialPageParam: null as string | number | null,
    getNextPageParam: ({ next }) => next,
    enabled: isOn,
    refetchInterval: everyMs ?? false,
  });
  return {
    items: result.data?.pages.flatMap(({ items }) => items) ?? [],
    isPending: result.isPending,
    error: result.error ?? undefined,
    hasMore: result.hasNextPage,
    isReadingOn: result.isFetchingNextPage,
    readOn: () => void result.fetchNextPage(),
    again: () => void result.refetch(),
  };
}
