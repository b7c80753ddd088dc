import './table.css';
import type { ReactNode } from 'react';

export interface TableProps {
  /** Says what it is; shown only to those who hear the page. */
  readonly caption: string;
  readonly head: readonly ReactNode[];
  readonly children: ReactNode;
  /** Columns become lines of their own below 600 px: cells name themselves by `data-label`. */
  readonly stacks?: boolean;
}

/** A table that scrolls in its own box where the window is narrow. */
export function Table({ caption, head, children, stacks = false }: TableProps) {
  return (
    // A box that scrolls must be reachable by keys.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <section className="table-box" tabIndex={0} aria-label={caption}>
      <table className={stacks ? 'table stacks' : 'table'}>
        <caption className="hidden-visually">{caption}</caption>
        <thead>
          <tr>
            {head.map((cell, place) => (
              <th key={place} scope="col">
                {cell}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}
