import './section.css';
import type { ReactNode } from 'react';

export interface SectionProps {
  readonly title: string;
  /** What can be done with all of it; stands beside the title. */
  readonly acts?: ReactNode;
  readonly children: ReactNode;
}

/** A part of a page with a heading of its own. */
export function Section({ title, acts, children }: SectionProps) {
  return (
    <section className="section" aria-label={title}>
      <div className="section-head">
        <h2>{title}</h2>
        {acts === undefined || acts === null ? null : <div className="section-acts">{acts}</div>}
      </div>
      {children}
    </section>
  );
}
