import type { ApprovalSummaryView } from '../../contracts/approvals/approval.js';
import { Shown } from '../parts/said/shown.js';
import { texts } from '../texts/en.js';
import { QuestionRow, type QuestionRowProps } from './question-row.js';

const { inbox } = texts;

export interface QuestionListProps {
  readonly items: readonly ApprovalSummaryView[];
  readonly current: string | undefined;
  /** Shows it beside the list; without it a row leads to the page of the question. */
  readonly onChoose: QuestionRowProps['onChoose'];
}

/** Questions by the time that is left; those of one task that come after each other fold under it. */
export function QuestionList({ items, current, onChoose }: QuestionListProps) {
  return (
    <ul className="questions">
      {groupsOf(items).map((group) => {
        const [first] = group;
        if (first === undefined) return null;
        if (group.length === 1) {
          return (
            <li key={first.id}>
              <QuestionRow item={first} isCurrent={first.id === current} onChoose={onChoose} />
            </li>
          );
        }
        return (
          <li key={first.grant}>
            <details open className="question-group">
              <summary>
                <Shown text={first.task.title} /> <span className="soft">({inbox.groupOf(group.length)})</span>
              </summary>
              <ul className="questions">
                {group.map((item) => (
                  <li key={item.id}>
                    <QuestionRow item={item} isCurrent={item.id === current} onChoose={onChoose} />
                  </li>
                ))}
              </ul>
            </details>
          </li>
        );
      })}
    </ul>
  );
}

/** All questions of a task stand where its most urgent one does. */
function groupsOf(items: readonly ApprovalSummaryView[]): readonly (readonly ApprovalSummaryView[])[] {
  return [...Map.groupBy(items, ({ grant }) => grant).values()];
}
