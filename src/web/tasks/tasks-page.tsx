import '../parts/field.css';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { GrantView } from '../../contracts/grant.js';
import { call } from '../api/call.js';
import { Button } from '../parts/button.js';
import { FailureNote } from '../parts/failure-note.js';
import { Loading } from '../parts/loading.js';
import { PageHead } from '../parts/page-head.js';
import { Shown } from '../parts/shown.js';
import { Table } from '../parts/table.js';
import { Time } from '../parts/time.js';
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
  const list = useInfiniteQuery({
    queryKey: ['grants', { state }],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      call<{ readonly items: readonly GrantView[]; readonly next: string | null }>('/v1/grants', {
        query: { state, cursor: pageParam },
        signal,
      }),
    getNextPageParam: ({ next }) => next ?? undefined,
    refetchInterval: REFRESH_MS,
  });
  const grants = list.data?.pages.flatMap(({ items }) => items) ?? [];
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
      {list.isError ? <FailureNote error={list.error} onRetry={() => void list.refetch()} /> : null}
      {list.isPending ? <Loading /> : null}
      {list.isSuccess && grants.length === 0 ? <p>{state === '' ? tasks.noneAtAll : tasks.none}</p> : null}
      {grants.length === 0 ? null : (
        <Table
          caption={tasks.table}
          head={[tasks.task, tasks.agent, tasks.target, tasks.state, tasks.asked, tasks.ends]}
          stacks
        >
          {grants.map((grant) => (
            <GrantRow key={grant.id} grant={grant} />
          ))}
        </Table>
      )}
      {list.hasNextPage ? (
        <Button disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {texts.common.more}
        </Button>
      ) : null}
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
