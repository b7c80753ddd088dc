import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import type { ApprovalSummaryView } from '../../../contracts/approvals/approval.js';
import { showNotice } from '../../notices/browser-notices.js';
import { texts } from '../../texts/en.js';
import { waitsForMe, type ApprovalFeed } from './feed.js';
import { headlineOf } from '../facts/headline.js';

const { inbox } = texts;
const SPOKEN_EVERY_MS = 5_000;

/**
 * Says that questions came which the person can decide: to those who hear the page, at most once in five seconds, and by a
 * notice of the browser to those who want them. No statement leaves the page.
 */
export function NewQuestions({ feed: { arrived } }: { readonly feed: ApprovalFeed }) {
  const mine = arrived.filter(waitsForMe);
  useNotices(mine);
  const [said, setSaid] = useState('');
  const told = useRef(0);
  const count = mine.length;
  useEffect(() => {
    if (count <= told.current) return undefined;
    const timer = setTimeout(
      () => {
        setSaid(inbox.newOne(count - told.current));
        told.current = count;
      },
      told.current === 0 ? 0 : SPOKEN_EVERY_MS,
    );
    return () => clearTimeout(timer);
  }, [count]);
  return (
    <p className="hidden-visually" role="status">
      {said}
    </p>
  );
}

function useNotices(mine: readonly ApprovalSummaryView[]): void {
  const navigate = useNavigate();
  const noticed = useRef(new Set<string>());
  useEffect(() => {
    for (const item of mine.filter(({ id }) => !noticed.current.has(id))) {
      noticed.current.add(item.id);
      showNotice({
        title: inbox.noticeTitle,
        text: inbox.notice(item.principal.name, item.target, headlineOf(item).verb),
        tag: item.id,
        onOpen: () => void navigate({ to: '/approvals/$id', params: { id: item.id } }),
      });
    }
  }, [mine, navigate]);
}
