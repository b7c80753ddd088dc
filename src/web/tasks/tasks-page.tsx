import '../parts/form/field.css';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { GrantView } from '../../contracts/grants/grant.js';
import { useReadList } from '../api/list.js';
import { ListEnd } from '../parts/list/list-end.js';
import { PageHead } from '../parts/page-head.js';
import { Shown } from '../parts/said/shown.js';
import { Table } from '../parts/list/table.js';
import { Time } from '../parts/said/time.js';
import { Gate } from '../shell/gate.js';
import { texts } from '../texts/en.js';
import { StateBadge } from './state-badge.js';

const REFRESH_MS = 10_000;
const { tasks } = texts;

type StateChoice = GrantView['state'] | '';
const STATES = Object.keys(tasks.states) as readonly GrantView['state'][];

/** Every task that the person may see, the newest first. */
export function TasksPage() {
  return (
    <Gate title={tasks.title} permission="grant.read" roles="approver, reviewer or operator">
      <TaskList />
    </Gate>
  );
}

function TaskList() {
  const [state, setState] = useState<StateChoice>('');
  const list = useReadList<GrantView>(['grants'], '/v1/grants', { state }, { everyMs: REFRESH_MS });
  return (
    <>
      <PageHead title={tasks.title}>
        <select
          className="input"
          aria-label={tasks.state}
          value={state}
          onChange={({ target: { value } }) => setState(STATES.find((one) => one === value) ?? '')}
        >
          <option value="">{tasks.anyState}</option>
          {STATES.map((one) => (
            <option key={one} value={one}>
              {tasks.states[one]}
            </option>
          ))}
        </select>
      </PageHead>
      {list.items.length === 0 ? null : (
        <Table
          caption={tasks.table}
          head={[tasks.task, tasks.agent, tasks.target, tasks.state, tasks.asked, tasks.ends]}
          stacks
        >
          {list.items.map((grant) => (
            <GrantRow key={grant.id} grant={grant} />
          ))}
        </Table>
      )}
      <ListEnd list={list} empty={state === '' ? tasks.noneAtAll : tasks.none} />
    </>
  );
}

function GrantRow({ grant }: { readonly grant: GrantView }) {
  const { id, task, principal, target, requestedAt, deadline, closingAt } = grant;
  return (
    <tr>
      <td data-label={tasks.task}>
        <Link to="/tasks/$grant" params={{ grant: id }}>
          <Shown text={task.title} />
        </Link>
      </td>
      <td data-label={tasks.agent}>
        <Shown text={principal.name} />
      </td>
      <td data-label={tasks.target}>
        <Shown text={target} />
      </td>
      <td data-label={tasks.state}>
        <StateBadge grant={grant} />
      </td>
      <td data-label={tasks.asked}>
        <Time at={requestedAt} />
      </td>
      <td data-label={closingAt === null ? tasks.ends : tasks.ended}>
        <Time at={closingAt ?? deadline} />
      </td>
    </tr>
  );
}
