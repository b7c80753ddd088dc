import { Link } from '@tanstack/react-router';
import type { StatementSearchPage } from '../../contracts/recordings/statement.js';
import { Shown } from '../parts/said/shown.js';
import { Time } from '../parts/said/time.js';
import { texts } from '../texts/en.js';

const { search: words } = texts;

/** Tasks whose title or reference has the words of the search. */
export function FoundTasks({ tasks }: { readonly tasks: StatementSearchPage['tasks'] }) {
  if (tasks.length === 0) return null;
  return (
    <section aria-label={words.tasks}>
      <h2>{words.tasks}</h2>
      <ul className="found-tasks">
        {tasks.map(({ grant, principal, target, task, openedAt }) => (
          <li key={grant}>
            <Link to="/tasks/$grant" params={{ grant }}>
              <Shown text={task.title} />
            </Link>
            <span className="soft">
              <Shown text={principal} /> · <Shown text={target} /> · <Time at={openedAt} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
