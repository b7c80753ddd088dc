import { useEffect, useRef, useState } from 'react';
import type { ApprovalView } from '../../contracts/approval.js';
import { useSilentSince } from '../api/connection.js';
import { texts } from '../texts/en.js';
import type { ApprovalFeed } from './feed.js';

const { off } = texts.approval;
/** Nobody reads faster what has just changed under their hand. */
const CHANGED_MS = 600;
/** Nobody presses anything sooner because of what they see. */
const APPEARED_MS = 200;
/** For so long an answer is taken for the truth before the stream is there that would tell of a newer one. */
const ANSWERED_MS = 3_000;

export interface AnsweredView {
  readonly view: ApprovalView;
  /** When the broker answered with it, in milliseconds of `Date.now()`. */
  readonly answeredAtMs: number;
  readonly feed: ApprovalFeed;
}

/** Why nobody can decide at this moment, in a sentence that is empty for what is over in a moment; null when they can. */
export function useWhyOff({ view, answeredAtMs, feed: { stream } }: AnsweredView): string | null {
  const silentSince = useSilentSince();
  const changed = useJustChanged(view.revision);
  const isFresh = useIsFresh(answeredAtMs);
  if (silentSince !== undefined || stream.state === 'gone' || stream.state === 'ended') return off.disconnected;
  if (stream.state === 'connecting' && !isFresh) return off.connecting;
  if (changed === 'no') return null;
  return changed === 'first' ? '' : off.changed;
}

/**
 * Whether the revision is another one than a moment ago. The first one appeared under the hand of those who were about to press
 * something else, so to them it is as new as any other. Where nobody has pressed anything since the document was opened, there
 * was nothing else to press.
 */
function useJustChanged(revision: number): 'no' | 'first' | 'again' {
  const [first] = useState(revision);
  const [settled, setSettled] = useState<number>();
  const latest = useRef(revision);
  useEffect(() => {
    latest.current = revision;
    const ms = revision === first && !hasAnyonePressed() ? APPEARED_MS : CHANGED_MS;
    const timer = setTimeout(() => setSettled(latest.current), ms);
    return () => clearTimeout(timer);
  }, [revision, first]);
  if (settled === revision) return 'no';
  return settled === undefined ? 'first' : 'again';
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
