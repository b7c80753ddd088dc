import { Clock } from 'lucide-react';
import { useNow } from '../../parts/said/time.js';
import { spanText, utcText } from '../../texts/format.js';
import { texts } from '../../texts/en.js';

const { approval } = texts;
const MINUTE_MS = 60_000;
const LAST_MS = 10_000;

export interface TimeLeftProps {
  readonly until: string;
  /** When it was asked: the bar is full then. */
  readonly from: string;
  /** Whether it is spoken when a minute, and when ten seconds are left. */
  readonly speaks?: boolean;
}

/** How much time is left, as text and as a thin bar. */
export function TimeLeft({ until, from, speaks = false }: TimeLeftProps) {
  const leftMs = Date.parse(until) - useNow();
  const wholeMs = Math.max(1, Date.parse(until) - Date.parse(from));
  const part = Math.min(1, Math.max(0, leftMs / wholeMs));
  return (
    <span className={`time-left ${leftMs < MINUTE_MS ? 'short' : ''}`}>
      <Clock aria-hidden />
      <time dateTime={until} title={utcText(until)}>
        {leftMs <= 0 ? approval.timeUp : approval.timeLeft(spanText(Math.floor(leftMs / 1_000) * 1_000))}
      </time>
      <progress className="time-left-bar" max={1} value={part} aria-hidden="true" />
      {speaks ? (
        <span className="hidden-visually" role="status">
          {leftMs > MINUTE_MS || leftMs <= 0 ? '' : leftMs > LAST_MS ? approval.lastMinute : approval.lastSeconds}
        </span>
      ) : null}
    </span>
  );
}
