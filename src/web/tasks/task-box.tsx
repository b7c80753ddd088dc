import './task-box.css';
import { AgentBox } from '../parts/said/agent-box.js';
import { Shown } from '../parts/said/shown.js';
import { texts } from '../texts/en.js';

export interface TaskBoxProps {
  readonly task: { readonly title: string; readonly reference: string | null };
}

/** What the agent says that its task is for, in as little space as it takes. */
export function TaskBox({ task: { title, reference } }: TaskBoxProps) {
  return (
    <div className="task-box">
      <AgentBox>
        <p>
          <Shown text={title} className="task-title" />
          {reference === null ? null : (
            <span className="task-reference">
              {texts.tasks.reference}: <Shown text={reference} />
            </span>
          )}
        </p>
      </AgentBox>
    </div>
  );
}
