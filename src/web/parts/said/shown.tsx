import './shown.css';
import { Fragment } from 'react';
import { shownLine, shownLines } from '../../../contracts/shown/shown-text.js';

const WRITTEN_OUT = /(⟨U\+[0-9A-F]{4,6}⟩)/;

export interface ShownProps {
  /** A text that somebody else wrote: an agent, a row, a name. */
  readonly text: string;
  /** Whether line breaks and tabs stand as they are; otherwise they are written out too. */
  readonly lines?: boolean;
  readonly className?: string;
}

/** A text of others: hidden characters are written out and marked, and it cannot reorder what stands beside it. */
export function Shown({ text, lines = false, className = '' }: ShownProps) {
  const shown = lines ? shownLines(text) : shownLine(text);
  const parts = shown.split(WRITTEN_OUT);
  return (
    <bdi className={`shown ${lines ? 'lines' : ''} ${className}`}>
      {parts.map((part, place) =>
        place % 2 === 1 ? (
          <mark key={place} className="written-out">
            {part}
          </mark>
        ) : (
          <Fragment key={place}>{part}</Fragment>
        ),
      )}
    </bdi>
  );
}
