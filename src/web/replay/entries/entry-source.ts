import { useInfiniteQuery, useQueries, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { entryLines, type EntryLine } from './entry-line.js';
import { foundKey, PAGE_ENTRIES, pageQuery, readEntries } from '../replay-calls.js';

const SHORT_PAGE_MS = 500;

/** Rows of a list of entries: all of a recording, or those that a filter finds. */
export interface EntrySource {
  readonly count: number;
  /** The entry of a row; undefined while it is not here yet. */
  readonly at: (row: number) => EntryLine | undefined;
  /** The row that an entry has; undefined when it has none, or when it is not known yet. */
  readonly rowOf: (seq: number) => number | undefined;
  /** The list shows these rows, and one more is not. */
  readonly want: (first: number, end: number) => void;
  readonly error: unknown;
  readonly retry: () => void;
  /** Nothing has been read yet. */
  readonly isFirst: boolean;
  readonly hasMore: boolean;
}

export interface EntryFilter {
  readonly types?: string;
  readonly verdict?: string;
  readonly session?: number;
  /** Of the time bar: entries from this one on, and to before that one. */
  readonly from?: number;
  readonly before?: number;
}

/** All entries, of which the pages are read that are looked at. */
export function useWholeSource(grant: string, count: number, isOn: boolean): EntrySource {
  const [wanted, setWanted] = useState({ first: 0, end: 1 });
  const client = useQueryClient();
  const firstPage = Math.floor(wanted.first / PAGE_ENTRIES);
  const lastPage = Math.floor(Math.max(0, Math.min(wanted.end, count) - 1) / PAGE_ENTRIES);
  const pages =
    isOn && count > 0 ? Array.from({ length: lastPage - firstPage + 1 }, (_, place) => firstPage + place) : [];
  const reads = useQueries({ queries: pages.map((page) => pageQuery(grant, page)) });
  const failed = reads.find(({ isError }) => isError);
  // A page of a recording that goes on was read before its last entries were written.
  const short = reads.findIndex(
    ({ data, isFetching }, place) =>
      data !== undefined &&
      !isFetching &&
      data.length < Math.min(PAGE_ENTRIES, count - (firstPage + place) * PAGE_ENTRIES),
  );
  const shortPage = short === -1 ? undefined : firstPage + short;
  useEffect(() => {
    if (shortPage === undefined) return undefined;
    const read = () => void client.invalidateQueries({ queryKey: pageQuery(grant, shortPage).queryKey });
    const timer = setTimeout(read, SHORT_PAGE_MS);
    return () => clearTimeout(timer);
  }, [client, grant, shortPage]);
  return {
    count,
    at: (row) => client.getQueryData(pageQuery(grant, Math.floor(row / PAGE_ENTRIES)).queryKey)?.[row % PAGE_ENTRIES],
    rowOf: (seq) => (seq >= 1 && seq <= count ? seq - 1 : undefined),
    want: useCallback(
      (first, end) => setWanted((before) => (before.first === first && before.end === end ? before : { first, end })),
      [],
    ),
    error: failed?.error,
    retry: () => void failed?.refetch(),
    isFirst: reads.some(({ isPending }) => isPending) && reads.every(({ data }) => data === undefined),
    hasMore: false,
  };
}

/** The entries that a filter finds, read on as the list is scrolled. */
export function useFoundSource(grant: string, filter: EntryFilter, isOn: boolean): EntrySource {
  const { types, verdict, session, from, before } = filter;
  const found = useInfiniteQuery({
    queryKey: [...foundKey(grant), filter],
    enabled: isOn,
    initialPageParam: 0,
    queryFn: ({ pageParam, signal }) =>
      readEntries(
        grant,
        { type: types, verdict, session, from, before, after: pageParam, limit: PAGE_ENTRIES },
        signal,
      ),
    getNextPageParam: ({ next }) => next ?? undefined,
  });
  const lines = useMemo(() => found.data?.pages.flatMap(entryLines) ?? [], [found.data]);
  const rows = useMemo(() => new Map(lines.map(({ seq }, row) => [seq, row])), [lines]);
  const [end, setEnd] = useState(0);
  const { hasNextPage, isFetching, fetchNextPage } = found;
  const readsOn = isOn && end >= lines.length && hasNextPage && !isFetching;
  useEffect(() => {
    if (readsOn) void fetchNextPage();
  }, [readsOn, fetchNextPage]);
  return {
    count: lines.length,
    at: (row) => lines[row],
    rowOf: (seq) => rows.get(seq),
    want: useCallback((_first, last) => setEnd(last), []),
    error: found.error,
    retry: () => void found.refetch(),
    isFirst: found.isPending,
    hasMore: hasNextPage,
  };
}
