import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { ArrowLeft } from 'lucide-react';
import { useKeys } from '../keys/keys.js';
import { Gate } from '../shell/gate.js';
import { texts } from '../texts/en.js';
import { ApprovalPane } from './approval-pane.js';
import { mineOf, useApprovalFeed } from './live/feed.js';
import { NewQuestions } from './live/new-questions.js';
import { StreamBar } from './live/stream-bar.js';
import { useWindowTitle } from './live/window-title.js';

const { approval } = texts;

/** One question on a page of its own. */
export function ApprovalPage() {
  return (
    <Gate title={approval.title} permission="approval.read" roles={approval.roles}>
      <OneApproval />
    </Gate>
  );
}

function OneApproval() {
  const { id } = useParams({ from: '/approvals/$id' });
  const feed = useApprovalFeed();
  const navigate = useNavigate();
  const mine = mineOf(feed.pending);
  useWindowTitle(feed);
  const place = mine.findIndex((item) => item.id === id);
  const go = (to: string | undefined) => {
    if (to !== undefined) void navigate({ to: '/approvals/$id', params: { id: to } });
  };
  const others = mine.filter((item) => item.id !== id);
  useKeys(texts.inbox.keys, [
    { key: 'j', label: texts.inbox.move.next, run: () => go(place === -1 ? others[0]?.id : mine[place + 1]?.id) },
    { key: 'k', label: texts.inbox.move.previous, run: () => go(mine[place - 1]?.id) },
    { key: 'Escape', label: texts.inbox.move.back, run: () => void navigate({ to: '/inbox' }) },
  ]);
  return (
    <>
      <StreamBar feed={feed} />
      <NewQuestions feed={feed} />
      <p className="approval-back">
        <Link to="/inbox" className="button quiet">
          <ArrowLeft aria-hidden /> {approval.back}
        </Link>
      </p>
      <ApprovalPane key={id} id={id} feed={feed} level={1} nextId={others[0]?.id} />
    </>
  );
}
