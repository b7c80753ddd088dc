import { queryOptions } from '@tanstack/react-query';
import type { ApprovalSummaryView } from '../../contracts/approvals/approval.js';
import type { GrantDetailView } from '../../contracts/grants/grant.js';
import { call } from '../api/call.js';
import { entryLines, type EntryLine } from '../replay/entries/entry-line.js';
import { readEntries } from '../replay/replay-calls.js';

/** How often the page asks for what no event tells it of. */
export const CHANGES_MS = 3_000;
const LISTED_MAX = 1_000;

export const grantQuery = (grant: string) =>
  queryOptions({
    queryKey: ['grant', grant],
    queryFn: ({ signal }) => call<GrantDetailView>(`/v1/grants/${grant}`, { signal }),
    // Nobody tells the page when a task's state changes; it asks while that can happen.
    refetchInterval: ({ state: { data } }) => (data !== undefined && isOver(data) ? false : CHANGES_MS),
  });

export function isOver({ state }: Pick<GrantDetailView, 'state'>): boolean {
  return state === 'sealed' || state === 'refused';
}

export const questionsQuery = ({ id: grant, ...task }: GrantDetailView) =>
  queryOptions({
    queryKey: ['approvals', { grant }],
    queryFn: ({ signal }) =>
      call<{ readonly items: readonly ApprovalSummaryView[]; readonly next: string | null }>('/v1/approvals', {
        query: { grant, limit: 200 },
        signal,
      }),
    refetchInterval: isOver(task) ? false : CHANGES_MS,
  });

/** The first 1,000 entries of some types, as a task's page shows them beside its timeline. */
export const entriesOfTypes = (grant: string, types: string) =>
  queryOptions({
    queryKey: ['recording', grant, 'types', types],
    queryFn: async ({ signal }): Promise<readonly EntryLine[]> =>
      entryLines(await readEntries(grant, { type: types, limit: LISTED_MAX }, signal)),
  });

const NEWEST = 200;

/** The newest entries, as far as they say what goes on. */
export const lastEntriesOf = (grant: string) =>
  queryOptions({
    queryKey: ['recording', grant, 'newest'],
    queryFn: async ({ signal }): Promise<readonly EntryLine[]> =>
      entryLines(await readEntries(grant, { before: Number.MAX_SAFE_INTEGER, limit: NEWEST }, signal)),
  });
