import { Link } from '@tanstack/react-router';
import { TriangleAlert } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { ApprovalSummaryView } from '../../contracts/approvals/approval.js';
import { headlineOf } from '../approval/facts/headline.js';
import { DangerBadge } from '../approval/facts/headline-part.js';
import { TimeLeft } from '../approval/live/time-left.js';
import { Badge } from '../parts/said/badge.js';
import { Shown } from '../parts/said/shown.js';
import { texts } from '../texts/en.js';

const { inbox } = texts;

export interface QuestionRowProps {
  readonly item: ApprovalSummaryView;
  readonly isCurrent: boolean;
  readonly onChoose: ((item: ApprovalSummaryView) => void) | undefined;
}

/** A question in the list: how much time is left, what it does and how much of it, where, who asks and for what. */
export function QuestionRow({ item, isCurrent, onChoose }: QuestionRowProps) {
  const { verb, place, amount, dangers } = headlineOf(item);
  const row = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (isCurrent) row.current?.scrollIntoView({ block: 'nearest' });
  }, [isCurrent]);
  return (
    <Link
      ref={row}
      to="/approvals/$id"
      params={{ id: item.id }}
      className="question"
      aria-current={isCurrent ? 'true' : undefined}
      onClick={(event) => {
        const isPlain = !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0;
        if (onChoose === undefined || !isPlain) return;
        event.preventDefault();
        onChoose(item);
      }}
    >
      <span className="question-top">
        <Badge tone="act">{verb}</Badge>
        <TimeLeft until={item.expiresAt} from={item.askedAt} />
      </span>
      <span className="question-place">
        <Shown text={place} />
      </span>
      <span className="question-amount">
        {amount}
        {dangers.map((danger) => (
          <DangerBadge key={danger} danger={danger} />
        ))}
        {item.warning === null ? null : (
          <Badge tone="hold" icon={<TriangleAlert aria-hidden />}>
            {inbox.warning}
          </Badge>
        )}
      </span>
      <span className="question-task">
        <Shown text={item.task.title} />
      </span>
      <span className="question-who">
        <Shown text={item.principal.name} />
        {item.sponsor === null ? null : (
          <>
            {' '}
            (<Shown text={item.sponsor.name} />)
          </>
        )}{' '}
        {inbox.on} <Shown text={item.target} />
        {item.decisions.length === 0 ? null : (
          <> · {inbox.answered(item.decisions.map(({ principal }) => principal).join(', '))}</>
        )}
      </span>
    </Link>
  );
}
