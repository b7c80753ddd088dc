import { useEffect, useRef, useState } from 'react';
import { waitsForMe, type ApprovalFeed } from '../approval/feed.js';
import { texts } from '../texts/en.js';

const { inbox } = texts;
const SPOKEN_EVERY_MS = 5_000;

/** Says that questions came: to those who hear the page, at most once in five seconds. */
export function NewQuestions({ feed: { arrived } }: { readonly feed: ApprovalFeed }) {
  const [said, setSaid] = useState('');
  const told = useRef(0);
  const mine = arrived.filter(waitsForMe);
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
