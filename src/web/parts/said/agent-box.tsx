import './agent-box.css';
import type { ReactNode } from 'react';
import { texts } from '../../texts/en.js';

/** What the agent says stands in here, and nothing that the broker says. */
export function AgentBox({
  label = texts.common.fromAgent,
  children,
}: {
  readonly label?: string;
  readonly children: ReactNode;
}) {
  return (
    <section className="agent-box" aria-label={label}>
      <p className="agent-box-label" aria-hidden="true">
        {label}
      </p>
      {children}
    </section>
  );
}
