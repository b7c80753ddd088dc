import './inbox.css';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMay } from '../api/me.js';
import { mineOf, useApprovalFeed } from '../approval/live/feed.js';
import { NewQuestions } from '../approval/live/new-questions.js';
import { StreamBar } from '../approval/live/stream-bar.js';
import { useWindowTitle } from '../approval/live/window-title.js';
import { PageHead } from '../parts/page-head.js';
import { Gate } from '../shell/gate.js';
import { texts } from '../texts/en.js';
import { History } from './history.js';
import { InboxFilters } from './inbox-filters.js';
import { VIEWS, type InboxFilter, type InboxView } from './inbox-search.js';
import { StreamWord } from './stream-word.js';
import { Waiting } from './waiting.js';

const { inbox } = texts;
/** Nothing is theirs to decide. */
const OTHERS_VIEWS = VIEWS.filter((one) => one !== 'mine');

/** What waits for people: the person's own first, all of it, and what was asked before. */
export function InboxPage() {
  return (
    <Gate title={inbox.title} permission="approval.read" roles={texts.approval.roles}>
      <Inbox />
    </Gate>
  );
}

function Inbox() {
  const search = useSearch({ from: '/inbox' });
  const decides = useMay('approval.decide');
  const feed = useApprovalFeed();
  const view = search.view ?? (decides ? 'mine' : 'all');
  const mine = mineOf(feed.pending).length;
  const others = (feed.pending?.size ?? 0) - mine;
  useWindowTitle(feed);
  return (
    <>
      <PageHead title={inbox.title} windowTitle={texts.approval.windowTitle(mine)}>
        <p className="inbox-counts">
          {decides ? (
            <>
              <strong>{inbox.forYou(mine)}</strong> · {inbox.forOthers(others)}
            </>
          ) : (
            inbox.waiting(others)
          )}
          {' · '}
          <StreamWord stream={feed.stream} />
        </p>
      </PageHead>
      <StreamBar feed={feed} />
      <NewQuestions feed={feed} />
      {decides ? null : <p className="soft">{inbox.notDecider}</p>}
      <div className="inbox-tools">
        <ViewChoice views={decides ? VIEWS : OTHERS_VIEWS} view={view} search={search} />
        <InboxFilters view={view} search={search} feed={feed} />
      </div>
      {view === 'history' ? <History search={search} /> : <Waiting view={view} search={search} feed={feed} />}
      {feed.more ? <p role="status">{inbox.overflow(feed.pending?.size ?? 0)}</p> : null}
    </>
  );
}

interface ViewChoiceProps {
  readonly views: readonly InboxView[];
  readonly view: InboxView;
  readonly search: InboxFilter;
}

function ViewChoice({ views, view, search }: ViewChoiceProps) {
  const navigate = useNavigate();
  return (
    <div className="inbox-views" role="group" aria-label={inbox.viewsLabel}>
      {views.map((one) => (
        <button
          key={one}
          type="button"
          aria-pressed={one === view}
          onClick={() => void navigate({ to: '/inbox', search: { ...search, view: one } })}
        >
          {inbox.views[one]}
        </button>
      ))}
    </div>
  );
}
