import { useEffect, useRef, useState } from 'react';
import type { ApprovalView } from '../../../contracts/approvals/approval.js';
import { useSilentSince } from '../../api/connection.js';
import { texts } from '../../texts/en.js';
import type { ApprovalFeed } from '../live/feed.js';

const { off } = texts.approval;
/** Nobody reads faster what has just changed under their hand. */
const CHANGED_MS = 600;
/** Nobody presses anything sooner because of what they see; the second click of two that were meant as one comes sooner. */
const OPENED_MS = 300;
/** For so long an answer is taken for the truth before the stream is there that would tell of a newer one. */
const ANSWERED_MS = 3_000;

export interface AnsweredView {
  readonly view: ApprovalView;
  /** When the broker answered with it, in milliseconds of `Date.now()`. */
  readonly answeredAtMs: number;
  readonly feed: ApprovalFeed;
}

/** Why nobody can do one of the two acts of a decision at this moment; null: they can. A sentence; empty for what is over in a moment. */
export interface ActRefusals {
  readonly first: string | null;
  readonly second: string | null;
}

export function useWhyOff({ view, answeredAtMs, feed: { stream } }: AnsweredView): ActRefusals {
  const silentSince = useSilentSince();
  const news = useNews(view.revision);
  const isFresh = useIsFresh(answeredAtMs);
  const unknown =
    silentSince !== undefined || stream.state === 'gone' || stream.state === 'ended'
      ? off.disconnected
      : stream.state === 'connecting' && !isFresh
        ? off.connecting
        : null;
  const held = unknown ?? (news === 'none' ? null : news === 'changed' ? off.changed : '');
  // To open a form decides nothing, and of a document that has just come nobody can have meant to press something else.
  return { first: news === 'opened' ? unknown : held, second: held };
}

/** What of the shown revision is news to those who look: it `changed`, another question `appeared` in its place, or the document with it was `opened`. */
type News = 'none' | 'changed' | 'appeared' | 'opened';

/**
 * Whether the revision is another one than a moment ago. The first one appeared under the hand of those who were about to press
 * something else, so to them it is as new as any other. Where nobody has pressed anything since the document was opened, there
 * was nothing else to press.
 */
function useNews(revision: number): News {
  const [first] = useState(() => ({ revision, isOpened: !hasAnyonePressed() }));
  const [settled, setSettled] = useState<number>();
  const latest = useRef(revision);
  const isOpened = first.isOpened && first.revision === revision;
  useEffect(() => {
    latest.current = revision;
    const timer = setTimeout(() => setSettled(latest.current), isOpened ? OPENED_MS : CHANGED_MS);
    return () => clearTimeout(timer);
  }, [revision, isOpened]);
  if (settled === revision) return 'none';
  if (settled !== undefined) return 'changed';
  return isOpened ? 'opened' : 'appeared';
}

/** Whether the form has just appeared under a pointer that may have pressed something else a moment ago. Keys have no place. */
export function useJustOpened(): boolean {
  const [isNew, setNew] = useState(true);
  useEffect(() => {
    const timer = setTimeout(() => setNew(false), OPENED_MS);
    return () => clearTimeout(timer);
  }, []);
  return isNew;
}

/** A browser that does not say counts as one in which somebody has. */
function hasAnyonePressed(): boolean {
  return (navigator as Partial<Navigator>).userActivation?.hasBeenActive ?? true;
}

/** Whether the broker has just said what is shown. Once that is long ago, it stays so: the stream has to come. */
function useIsFresh(answeredAtMs: number): boolean {
  const [isOld, setOld] = useState(() => freshMs(answeredAtMs) === 0);
  useEffect(() => {
    const timer = setTimeout(() => setOld(true), freshMs(answeredAtMs));
    return () => clearTimeout(timer);
  }, [answeredAtMs]);
  return !isOld;
}

function freshMs(answeredAtMs: number): number {
  return Math.max(0, answeredAtMs + ANSWERED_MS - Date.now());
}
