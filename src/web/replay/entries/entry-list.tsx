import './entry-list.css';
import { useEffect, useId, type KeyboardEvent, type MouseEvent, type Ref } from 'react';
import { FailureNote } from '../../parts/said/failure-note.js';
import { texts } from '../../texts/en.js';
import { EntryRow } from './entry-row.js';
import type { EntrySource } from './entry-source.js';
import { useRowScroll } from './use-row-scroll.js';

export interface EntryListProps {
  readonly source: EntrySource;
  readonly selected: number;
  readonly onSelect: (seq: number) => void;
  /** A person has scrolled, and whether the end is in view since. */
  readonly onMoved: (isAtEnd: boolean) => void;
  readonly listRef?: Ref<HTMLDivElement>;
}

/** The entries as rows, of which those exist that are in view, and the chosen one. */
export function EntryList({ source, selected, onSelect, onMoved }: EntryListProps) {
  const id = useId();
  const { count, want, rowOf, at } = source;
  const { box, boxPx, window: rows, topOf, show } = useRowScroll(count, onMoved);
  const selectedRow = rowOf(selected);
  useEffect(() => want(rows.first, rows.end), [want, rows.first, rows.end]);
  useEffect(() => {
    if (selectedRow !== undefined) show(selectedRow);
  }, [selectedRow, show]);

  const move = (by: number) => {
    const line = at(Math.min(Math.max(0, (selectedRow ?? rows.first) + by), count - 1));
    if (line !== undefined) onSelect(line.seq);
  };
  const perPage = Math.max(1, rows.end - rows.first - 20);
  const moves: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: perPage, PageUp: -perPage };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = moves[event.key];
    if (by === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    move(by);
  };
  const onClick = (event: MouseEvent) => {
    const seq = Number((event.target as Element).closest('[data-seq]')?.getAttribute('data-seq'));
    if (seq > 0) onSelect(seq);
  };

  const shown = Array.from({ length: rows.end - rows.first }, (_, place) => rows.first + place);
  if (selectedRow !== undefined && (selectedRow < rows.first || selectedRow >= rows.end)) shown.push(selectedRow);
  return (
    <div className="entries">
      {source.error === null || source.error === undefined ? null : (
        <FailureNote error={source.error} onRetry={source.retry} />
      )}
      <div
        ref={box}
        className="entries-box"
        // A <select> cannot have rows that are not there.
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role
        role="listbox"
        tabIndex={0}
        aria-label={texts.replay.list}
        aria-activedescendant={selectedRow === undefined ? undefined : `${id}-${selected}`}
        onKeyDown={onKeyDown}
        onClick={onClick}
      >
        <div className="entries-all" role="presentation" style={{ height: boxPx }}>
          {shown.map((row) => (
            <EntryRow
              key={row}
              id={id}
              row={row}
              of={count}
              topPx={topOf(row)}
              line={at(row)}
              before={row > 0 ? at(row - 1) : undefined}
              isSelected={row === selectedRow}
            />
          ))}
        </div>
      </div>
      <p className="entries-none soft" role="status">
        {count === 0 && !source.isFirst ? texts.replay.nothing : ''}
      </p>
    </div>
  );
}
