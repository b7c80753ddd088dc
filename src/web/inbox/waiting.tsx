import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { ApprovalSummaryView } from '../../contracts/approvals/approval.js';
import { ApprovalPane } from '../approval/approval-pane.js';
import { byTime, mineOf, type ApprovalFeed } from '../approval/live/feed.js';
import { useKeys } from '../keys/keys.js';
import { Loading } from '../parts/said/loading.js';
import { texts } from '../texts/en.js';
import { fits, type InboxFilter, type InboxView } from './inbox-search.js';
import { QuestionList } from './question-list.js';
import { useIsWide } from './wide.js';

const { inbox } = texts;

export interface WaitingProps {
  readonly view: Exclude<InboxView, 'history'>;
  readonly search: InboxFilter;
  readonly feed: ApprovalFeed;
}

/** The questions that wait, and on a wide window the chosen one beside them. */
export function Waiting({ view, search, feed }: WaitingProps) {
  const navigate = useNavigate();
  const isWide = useIsWide();
  const all = view === 'mine' ? mineOf(feed.pending) : byTime([...(feed.pending?.values() ?? [])]);
  const items = all.filter((item) => fits(item, search));
  const [marked, setMarked] = useState<string>();
  const chosen = search.chosen ?? (isWide ? items[0]?.id : undefined);
  const current = isWide ? chosen : (marked ?? items[0]?.id);
  const go = (item: ApprovalSummaryView | undefined) => {
    if (item === undefined) return;
    if (isWide) void navigate({ to: '/inbox', search: { ...search, chosen: item.id }, replace: true });
    else setMarked(item.id);
  };
  const open = (id: string | undefined) => {
    if (id !== undefined) void navigate({ to: '/approvals/$id', params: { id } });
  };
  const place = items.findIndex(({ id }) => id === current);
  useKeys(inbox.keys, [
    { key: 'j', label: inbox.move.next, run: () => go(items[place + 1] ?? (place === -1 ? items[0] : undefined)) },
    { key: 'k', label: inbox.move.previous, run: () => go(items[place - 1]) },
    { key: 'o', label: inbox.move.open, run: () => open(current) },
    { key: 'Enter', label: inbox.move.open, run: () => open(current) },
  ]);
  useKeepChosen(chosen, search, isWide);
  if (feed.pending === undefined) return <Loading />;
  const nextId = mineOf(feed.pending).find(({ id }) => id !== chosen)?.id;
  return (
    <div className={isWide ? 'inbox-panes' : undefined}>
      <div className="inbox-list">
        {items.length === 0 ? (
          <p className="inbox-empty">{emptyText(view, all.length, feed)}</p>
        ) : (
          <QuestionList items={items} current={current} onChoose={isWide ? go : undefined} />
        )}
      </div>
      {isWide ? (
        <section className="inbox-pane" aria-label={inbox.chosen}>
          {chosen === undefined ? (
            <p className="soft">{inbox.pick}</p>
          ) : (
            <ApprovalPane key={chosen} id={chosen} feed={feed} level={2} nextId={nextId} />
          )}
        </section>
      ) : null}
    </div>
  );
}

/** What is shown stays when it is decided and leaves the list: its outcome is still to be read. */
function useKeepChosen(chosen: string | undefined, search: InboxFilter, isWide: boolean): void {
  const navigate = useNavigate();
  useEffect(() => {
    if (!isWide || chosen === undefined || search.chosen !== undefined) return;
    void navigate({ to: '/inbox', search: { ...search, chosen }, replace: true });
  }, [chosen, isWide, navigate, search]);
}

function emptyText(view: WaitingProps['view'], all: number, feed: ApprovalFeed): string {
  if (all > 0) return inbox.emptyFiltered;
  if (view === 'all') return inbox.emptyAll;
  return inbox.emptyMine(feed.pending?.size ?? 0);
}
