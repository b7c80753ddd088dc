import './statement.css';
import { Fragment, useMemo } from 'react';
import { texts } from '../../texts/en.js';
import { highlightedLines, type TextPart } from './highlighted.js';
import { sqlOperationOf, type Operation } from './sql-view.js';

/** More lines, or a longer text, are shown without numbers and colours: a browser would take seconds for them. */
const LINES_MAX = 3_000;
const CHARACTERS_MAX = 200_000;

export interface StatementTextProps {
  readonly operation: Operation;
  readonly isFull?: boolean;
}

/** The text exactly as it was sent, line by line, with its hidden characters written out. */
export function StatementText({ operation, isFull = false }: StatementTextProps) {
  const { shown } = operation;
  const highlight = sqlOperationOf(operation)?.highlight ?? null;
  const lines = useMemo(
    () => (shown.length > CHARACTERS_MAX ? undefined : highlightedLines(shown, highlight)),
    [shown, highlight],
  );
  return (
    // A box that scrolls must be reachable by keys.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <pre className={`statement-text ${isFull ? 'full' : ''}`} tabIndex={0} aria-label={texts.approval.statement}>
      {lines === undefined || lines.length > LINES_MAX ? (
        <bdi>{shown}</bdi>
      ) : (
        <code>
          {lines.map((pieces, place) => (
            <Line key={place} pieces={pieces} />
          ))}
        </code>
      )}
    </pre>
  );
}

function Line({ pieces }: { readonly pieces: readonly TextPart[] }) {
  return (
    <span className="statement-line">
      <bdi>
        {pieces.map(({ text, kind, isWhere }, place) => {
          if (kind === undefined && !isWhere) return <Fragment key={place}>{text}</Fragment>;
          const Tag = kind === 'hidden' ? 'mark' : 'span';
          return (
            <Tag key={place} className={`token ${kind ?? ''} ${isWhere ? 'where' : ''}`}>
              {text}
            </Tag>
          );
        })}
      </bdi>
      {'\n'}
    </span>
  );
}
