import './task-head.css';
import type { GrantView } from '../../contracts/grants/grant.js';
import { Badge } from '../parts/said/badge.js';
import { Shown } from '../parts/said/shown.js';
import { Time, useNow } from '../parts/said/time.js';
import { spanText } from '../texts/format.js';
import { texts } from '../texts/en.js';
import { StateBadge } from './state-badge.js';
import { TaskBox } from './task-box.js';

const { tasks } = texts;

/** What the task is for, who asked, where, and where it is in its life. */
export function TaskHead({ grant }: { readonly grant: GrantView }) {
  const { task, principal, sponsor, target, refusal } = grant;
  return (
    <div className="task-head">
      <TaskBox task={task} />
      <p className="task-facts">
        <StateBadge grant={grant} />
        <Closing grant={grant} />
        <Deadline grant={grant} />
        <span>
          {tasks.agent}: <Shown text={principal.name} />
        </span>
        {sponsor === null ? null : (
          <span>
            {tasks.sponsor}: <Shown text={sponsor.name} />{' '}
            {sponsor.isClaim ? <span className="soft">({tasks.claimed})</span> : null}
          </span>
        )}
        <span>
          {tasks.target}: <Shown text={target} />
        </span>
      </p>
      {refusal === null ? null : (
        <p>
          <Badge tone="deny">{tasks.refusedWith(refusal.code)}</Badge>{' '}
          {refusal.detail === null ? null : <Shown text={refusal.detail} />}
        </p>
      )}
      <Life grant={grant} />
    </div>
  );
}

function Closing({ grant: { closeReason, closedBy } }: { readonly grant: GrantView }) {
  if (closeReason === null) return null;
  return (
    <span>
      {tasks.closeReasons[closeReason]}
      {closedBy === null ? null : (
        <>
          {' · '}
          <Shown text={closedBy} />
        </>
      )}
    </span>
  );
}

function Deadline({ grant: { deadline, state } }: { readonly grant: GrantView }) {
  const leftMs = Date.parse(deadline) - useNow();
  if (state !== 'requested' && state !== 'active') return null;
  return (
    <span>
      <strong>{leftMs > 0 ? tasks.left(spanText(leftMs)) : tasks.over}</strong>{' '}
      <span className="soft">
        (<Time at={deadline} />)
      </span>
    </span>
  );
}

/** `requested → active → closing → sealed`, each with its time. */
function Life({ grant }: { readonly grant: GrantView }) {
  const { state, requestedAt, activeAt, closingAt, sealedAt } = grant;
  const steps: readonly { readonly name: GrantView['state']; readonly at: string | null }[] =
    state === 'refused'
      ? [
          { name: 'requested', at: requestedAt },
          { name: 'refused', at: closingAt },
        ]
      : [
          { name: 'requested', at: requestedAt },
          { name: 'active', at: activeAt },
          { name: 'closing', at: closingAt },
          { name: 'sealed', at: sealedAt },
        ];
  return (
    <ol className="task-life" aria-label={tasks.life}>
      {steps.map(({ name, at }) => (
        <li
          key={name}
          className={at === null && name !== state ? 'ahead' : ''}
          aria-current={name === state ? 'step' : undefined}
        >
          <span>{tasks.states[name]}</span>
          {at === null ? null : <Time at={at} />}
        </li>
      ))}
    </ol>
  );
}
