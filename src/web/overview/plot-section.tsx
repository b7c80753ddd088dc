import { useId, type ReactNode } from 'react';
import { texts } from '../texts/en.js';
import './overview.css';

export interface PlotSectionProps {
  readonly title: string;
  readonly about: string;
  readonly isEmpty: boolean;
  readonly plot: ReactNode;
  readonly table: ReactNode;
  /** Where the single ones are. */
  readonly links: ReactNode;
  readonly choice?: ReactNode;
}

/** One plot with its words, its table and the way to its list. */
export function PlotSection({ title, about, isEmpty, plot, table, links, choice }: PlotSectionProps) {
  const id = useId();
  return (
    <section className="plot-section" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <p className="soft">{about}</p>
      {choice}
      {isEmpty ? <p className="plot-nothing">{texts.overview.nothing}</p> : plot}
      {isEmpty ? null : (
        <details className="plot-table">
          <summary>{texts.overview.table}</summary>
          {table}
        </details>
      )}
      <p className="plot-links">{links}</p>
    </section>
  );
}
