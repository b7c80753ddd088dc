import type { Query } from '../api/call.js';
import type { InboxFilter } from './inbox-search.js';

const PAGE_ITEMS = 50;
const DAYS = 90;
const DAY_MS = 86_400_000;

/** What was asked in a time, the newest first; of the last 90 days where nobody says of which. */
export function historyQuery(search: InboxFilter): Query {
  return { ...filtersOf(search), limit: PAGE_ITEMS };
}

/** What the API is asked by. */
export function filtersOf({ target, kind, state, from, to }: InboxFilter): Query {
  const earliest = new Date(Date.now() - DAYS * DAY_MS).toISOString().slice(0, 10);
  return {
    target,
    kind,
    state,
    from: `${from ?? earliest}T00:00:00Z`,
    to: to === undefined ? undefined : `${to}T00:00:00Z`,
  };
}
