import { useEffect, useRef, useState } from 'react';
import type { ApprovalView } from '../../contracts/approval.js';
import { useSilentSince } from '../api/connection.js';
import { texts } from '../texts/en.js';
import type { ApprovalFeed } from './feed.js';

const { off } = texts.approval;
/** Nobody reads faster what has just changed under their hand. */
const CHANGED_MS = 600;

/** Why nobody can decide at this moment, in a sentence that is empty for what is over in a moment; null when they can. */
export function useWhyOff(view: ApprovalView, { stream }: ApprovalFeed): string | null {
  const silentSince = useSilentSince();
  const changed = useJustChanged(view.revision);
  if (silentSince !== undefined || stream.state === 'gone' || stream.state === 'ended') return off.disconnected;
  if (stream.state === 'connecting') return off.connecting;
  if (changed === 'no') return null;
  return changed === 'first' ? '' : off.changed;
}

/** Whether the revision is another one than a moment ago. The first one that is shown is as new as any other. */
function useJustChanged(revision: number): 'no' | 'first' | 'again' {
  const [settled, setSettled] = useState<number>();
  const latest = useRef(revision);
  useEffect(() => {
    latest.current = revision;
    const timer = setTimeout(() => setSettled(latest.current), CHANGED_MS);
    return () => clearTimeout(timer);
  }, [revision]);
  if (settled === revision) return 'no';
  return settled === undefined ? 'first' : 'again';
}
