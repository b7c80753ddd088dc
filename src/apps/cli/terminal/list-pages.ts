import type { Command } from 'commander';
import type { AnswerView, ApiClient } from '../../../client/api-client.js';
import { PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX } from '../../../contracts/call-limits.js';
import { type AnswerOptions, whole } from './api-command.js';
import { pastTime } from './past-time.js';

/** What one list may give; anyone who needs more takes it in parts, by time. */
export const LISTED_MAX = 10_000;
const TIME_ABOUT = 'a time (2026-11-28T10:00:00Z), a day (2026-11-28), or so long ago (12h, 7d)';

/** How much of a list is wanted. */
export interface ListOptions extends AnswerOptions {
  readonly limit: number;
  readonly all?: boolean;
}

/** A list whose items have been read page by page. */
export interface ListPages<T> {
  readonly items: readonly T[];
  /** Where it would go on; null: that was all. */
  readonly next: string | null;
}

/** Gives a list `--limit` and `--all`. */
export function withPages(command: Command): Command {
  return command
    .option('--limit <number>', 'at most so many', whole(1, LISTED_MAX), PAGE_LIMIT_DEFAULT)
    .option('--all', `all of them, at most ${LISTED_MAX}`);
}

/** Gives a list `--from` and `--to`. */
export function withTimes(command: Command, about: string): Command {
  return command
    .option('--from <time>', `${about} at this time or later: ${TIME_ABOUT}`)
    .option('--to <time>', `${about} before this time`);
}

/** The filters of a list as its query; those that nobody gave are absent. */
export function queryOf(
  filters: Readonly<Record<string, string | number | undefined>>,
): Readonly<Record<string, string>> {
  const given = Object.entries(filters).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as const],
  );
  return Object.fromEntries(
    given.map(([name, value]) => [name, name === 'from' || name === 'to' ? pastTime(value, Date.now()) : value]),
  );
}

/** Reads a list page by page until there are as many as wanted; a page may be empty and go on. @throws ApiFailure */
export async function readPages<P extends { readonly items: readonly unknown[]; readonly next: string | null }>(
  api: Pick<ApiClient, 'get'>,
  { path, query, page }: { path: string; query: Readonly<Record<string, string>>; page: AnswerView<P> },
  { limit, all = false }: Pick<ListOptions, 'limit' | 'all'>,
): Promise<ListPages<P['items'][number]> & { readonly first: P }> {
  const wanted = all ? LISTED_MAX : limit;
  const items: P['items'][number][] = [];
  let first: P | undefined;
  let cursor: string | null = null;
  do {
    const left: number = Math.min(PAGE_LIMIT_MAX, wanted - items.length);
    const search = new URLSearchParams({ ...query, limit: String(left), ...(cursor === null ? {} : { cursor }) });
    const answer: P = await api.get(`${path}?${search.toString()}`, page);
    first ??= answer;
    items.push(...answer.items);
    cursor = answer.next;
  } while (cursor !== null && items.length < wanted);
  return { items, next: cursor, first };
}

/** What a list says where it has nothing, and what one may do then. */
export function emptyText(what: string, query: Readonly<Record<string, string>>, hint: string): string {
  return Object.keys(query).length > 0 ? `No ${what} fits these filters.` : `There is no ${what} yet. ${hint}`;
}

/** Says on standard error that a list goes on. */
export function tellOfMore({ items, next }: ListPages<unknown>): void {
  if (next === null) return;
  process.stderr.write(`… and more than these ${items.length}; see --limit, --all and the filters\n`);
}
