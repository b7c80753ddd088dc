import { useInfiniteQuery } from '@tanstack/react-query';
import { useRef } from 'react';
import type { StatementSearchPage } from '../../contracts/recordings/statement.js';
import { call } from '../api/call.js';
import { useKeys } from '../keys/keys.js';
import { Button } from '../parts/form/button.js';
import { FailureNote } from '../parts/said/failure-note.js';
import { texts } from '../texts/en.js';
import { ExportFound } from './export-found.js';
import { FoundTasks } from './found-tasks.js';
import { Hit } from './hit.js';
import type { SearchQuery } from './search-terms.js';
import { SearchedNote } from './searched-note.js';

const { search: words } = texts;
const COUNTED_MAX = 10_000;

/** What a search found, page by page, and how far it looked. */
export function Found({ query }: { readonly query: SearchQuery }) {
  const list = useRef<HTMLOListElement>(null);
  const result = useInfiniteQuery({
    queryKey: ['search', query],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      call<StatementSearchPage>('/v1/statements', { query: { ...query, cursor: pageParam }, signal }),
    getNextPageParam: ({ next }) => next,
    // Each search is an entry of the administrative record: none is made by itself.
    staleTime: Infinity,
    refetchOnWindowFocus: false,
  });
  const step = (by: number) => () => focusHit(list.current, by);
  useKeys(words.keys, [
    { key: 'j', label: words.next, run: step(1) },
    { key: 'k', label: words.previous, run: step(-1) },
    { key: 'o', label: words.open, run: () => openHit(list.current) },
  ]);
  const pages = result.data?.pages ?? [];
  const items = pages.flatMap((page) => page.items);
  const [first] = pages;
  const last = pages.at(-1);
  return (
    <>
      <p role="status" className="search-count">
        {result.isPending ? words.searching : first === undefined ? '' : countWords(first, items.length === 0)}
      </p>
      {first === undefined ? null : <FoundTasks tasks={first.tasks} />}
      {items.length === 0 ? null : (
        <ol className="hits" ref={list} aria-label={words.hits}>
          {items.map((item) => (
            <Hit key={`${item.grant} ${item.operation}`} item={item} />
          ))}
        </ol>
      )}
      {result.isSuccess && items.length === 0 ? <p>{result.hasNextPage ? words.noneHere : words.noneNext}</p> : null}
      {result.isError ? <FailureNote error={result.error} onRetry={() => void result.refetch()} /> : null}
      {result.hasNextPage && !result.isError ? (
        <Button disabled={result.isFetchingNextPage} onClick={() => void result.fetchNextPage()}>
          {result.isFetchingNextPage ? texts.common.working : items.length === 0 ? words.further : words.more}
        </Button>
      ) : null}
      {last === undefined ? null : <SearchedNote searched={last.searched} />}
      {items.length === 0 ? null : <ExportFound query={query} />}
    </>
  );
}

function countWords({ count: { value, exact } }: StatementSearchPage, isEmpty: boolean): string {
  if (isEmpty && value === 0) return words.none;
  if (exact || value >= COUNTED_MAX) return words.count(value, exact);
  return words.countSoFar(value);
}

function linksIn(list: HTMLElement | null): readonly HTMLElement[] {
  return [...(list?.querySelectorAll<HTMLElement>('.hit-link') ?? [])];
}

function focusHit(list: HTMLElement | null, by: number): void {
  const links = linksIn(list);
  const at = links.findIndex((link) => link === document.activeElement);
  const next = at === -1 ? (by > 0 ? 0 : links.length - 1) : at + by;
  links[Math.min(Math.max(next, 0), links.length - 1)]?.focus();
}

function openHit(list: HTMLElement | null): void {
  linksIn(list)
    .find((link) => link === document.activeElement)
    ?.click();
}
