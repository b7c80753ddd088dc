import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ApprovalEvent, ApprovalSummaryView, ApprovalView } from '../../../contracts/approvals/approval.js';
import { useEventStream, type StreamState } from '../../api/events.js';
import { meQuery } from '../../api/me.js';
import { approvalKey } from '../approval-query.js';

const EVENTS = [
  'pending',
  'asked',
  'updated',
  'decided',
  'withdrawn',
  'timed-out',
  'cancelled',
] as const satisfies readonly ApprovalEvent[];

/** What waits for people, as it is at this moment. */
export interface ApprovalFeed {
  /** Undefined until the first answer. */
  readonly pending: ReadonlyMap<string, ApprovalSummaryView> | undefined;
  /** More wait than the stream tells at its beginning. */
  readonly more: boolean;
  /** The questions that came while the page was open, the newest last. */
  readonly arrived: readonly ApprovalSummaryView[];
  readonly stream: StreamState;
}

const ARRIVED_MAX = 50;

interface PendingEvent {
  readonly items: readonly ApprovalSummaryView[];
  readonly more: boolean;
}

type Known = Omit<ApprovalFeed, 'stream'>;

/** Follows all approvals that the person may see, for as long as the part is shown. */
export function useApprovalFeed(): ApprovalFeed {
  const queries = useQueryClient();
  const [known, setKnown] = useState<Known>({ pending: undefined, more: false, arrived: [] });
  const stream = useEventStream('/v1/approvals/events', {
    events: EVENTS,
    onEvent(name, data) {
      if (name === 'pending') {
        const isFirst = known.pending === undefined;
        lookAtAll(queries, isFirst ? (data as PendingEvent).items : []);
        // The stream has begun again: the api may be another one.
        if (!isFirst) void queries.invalidateQueries({ queryKey: meQuery.queryKey });
      } else {
        lookAgain(queries, data as ApprovalSummaryView);
      }
      setKnown((before) => next(before, name, data));
    },
  });
  return { ...known, stream };
}

function next(before: Known, name: string, data: unknown): Known {
  if (name === 'pending') {
    const { items, more } = data as PendingEvent;
    const isNew = ({ id }: ApprovalSummaryView) => before.pending !== undefined && !before.pending.has(id);
    const arrived = [...before.arrived, ...items.filter(isNew)].slice(-ARRIVED_MAX);
    return { pending: new Map(items.map((item) => [item.id, item])), more, arrived };
  }
  const item = data as ApprovalSummaryView;
  const pending = new Map(before.pending);
  if (item.state === 'pending') pending.set(item.id, item);
  else pending.delete(item.id);
  const arrived = name === 'asked' ? [...before.arrived, item].slice(-ARRIVED_MAX) : before.arrived;
  return { ...before, pending, arrived };
}

/** What is open may be old when the stream begins, but for an approval that has just been read as it is now. */
function lookAtAll(queries: QueryClient, now: readonly ApprovalSummaryView[]): void {
  const same = new Set(
    now.filter(({ id, revision }) => shownOf(queries, id)?.revision === revision).map(({ id }) => id),
  );
  void queries.invalidateQueries({
    queryKey: ['approvals'],
    predicate: ({ queryKey: [, kind, id] }) => !(kind === 'one' && typeof id === 'string' && same.has(id)),
  });
}

function shownOf(queries: QueryClient, id: string): ApprovalView | undefined {
  return queries.getQueryData<ApprovalView>(approvalKey(id));
}

/** The whole approval is asked for again when it is on the page, or on its way to it, and may be older than the event. */
function lookAgain(queries: QueryClient, { id, revision }: ApprovalSummaryView): void {
  const shown = shownOf(queries, id);
  if (shown === undefined || shown.revision < revision) {
    void queries.invalidateQueries({ queryKey: approvalKey(id) });
  }
}

/** Whether it waits for this person: they can decide it now, or once they have signed in again. */
export function waitsForMe({ canDecide: { allowed, code } }: Pick<ApprovalSummaryView, 'canDecide'>): boolean {
  return allowed || code === 'reauthentication_required';
}

/** What waits for the person, the one with the least time first. */
export function mineOf(pending: ApprovalFeed['pending']): readonly ApprovalSummaryView[] {
  return byTime([...(pending?.values() ?? [])].filter(waitsForMe));
}

export function byTime(items: readonly ApprovalSummaryView[]): readonly ApprovalSummaryView[] {
  return items.toSorted((a, b) => Date.parse(a.expiresAt) - Date.parse(b.expiresAt) || (a.id < b.id ? -1 : 1));
}
