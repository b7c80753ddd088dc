import { useEffect, useState } from 'react';
import { spanText, timeText, utcText } from '../../texts/format.js';
import { texts } from '../../texts/en.js';

/** `Date.now()`, again every so many milliseconds while the part is shown. */
export function useNow(everyMs = 1_000): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** A time: absolute in local time, in UTC when pointed at. */
export function Time({ at }: { readonly at: string }) {
  return (
    <time dateTime={at} title={utcText(at)}>
      {timeText(at)}
    </time>
  );
}

/** A time beside how long ago it was, or how soon it comes. */
export function TimeAndAgo({ at }: { readonly at: string }) {
  const apartMs = useNow(10_000) - Date.parse(at);
  const words =
    Math.abs(apartMs) < 1_000
      ? texts.common.now
      : apartMs > 0
        ? texts.common.ago(spanText(apartMs))
        : texts.common.in(spanText(-apartMs));
  return (
    <span>
      <Time at={at} /> <span className="soft">({words})</span>
    </span>
  );
}
