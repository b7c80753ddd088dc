import './recordings.css';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';
import type { RecordingView } from '../../contracts/recording.js';
import { call } from '../api/call.js';
import { Badge } from '../parts/badge.js';
import { Button } from '../parts/button.js';
import { FailureNote } from '../parts/failure-note.js';
import { Field } from '../parts/field.js';
import { Loading } from '../parts/loading.js';
import { PageHead } from '../parts/page-head.js';
import { Shown } from '../parts/shown.js';
import { Table } from '../parts/table.js';
import { Time } from '../parts/time.js';
import { Gate } from '../shell/gate.js';
import { bytesText, numberText, spanText } from '../texts/format.js';
import { texts } from '../texts/en.js';

const words = texts.recordings;

interface RecordingFilter {
  readonly principal?: string;
  readonly target?: string;
}

/** All recordings, the newest first. */
export function RecordingsPage() {
  return (
    <Gate title={words.title} permission="recording.read" roles="reviewer">
      <PageHead title={words.title} />
      <RecordingList />
    </Gate>
  );
}

function RecordingList() {
  const [filter, setFilter] = useState<RecordingFilter>({});
  const list = useInfiniteQuery({
    queryKey: ['recordings', filter],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      call<{ readonly items: readonly RecordingView[]; readonly next: string | null }>('/v1/recordings', {
        query: { ...filter, cursor: pageParam },
        signal,
      }),
    getNextPageParam: ({ next }) => next ?? undefined,
  });
  const recordings = list.data?.pages.flatMap(({ items }) => items) ?? [];
  const isFiltered = Object.keys(filter).length > 0;
  return (
    <>
      <FilterForm onFilter={setFilter} />
      {list.isError ? <FailureNote error={list.error} onRetry={() => void list.refetch()} /> : null}
      {list.isPending ? <Loading /> : null}
      {list.isSuccess && recordings.length === 0 ? <p>{isFiltered ? words.none : words.noneAtAll}</p> : null}
      {recordings.length === 0 ? null : (
        <Table
          caption={words.table}
          head={[
            words.task,
            words.agent,
            words.target,
            words.opened,
            words.took,
            words.statements,
            words.size,
            words.state,
          ]}
          stacks
        >
          {recordings.map((recording) => (
            <RecordingRow key={recording.grantId} recording={recording} />
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

function FilterForm({ onFilter }: { readonly onFilter: (filter: RecordingFilter) => void }) {
  const [principal, setPrincipal] = useState('');
  const [target, setTarget] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onFilter({
      ...(principal.trim() === '' ? {} : { principal: principal.trim() }),
      ...(target.trim() === '' ? {} : { target: target.trim() }),
    });
  };
  return (
    <form className="recordings-filter" onSubmit={submit}>
      <Field label={words.anyAgent}>
        {(control) => (
          <input
            {...control}
            className="input"
            value={principal}
            onChange={({ target: { value } }) => setPrincipal(value)}
          />
        )}
      </Field>
      <Field label={words.anyTarget}>
        {(control) => (
          <input {...control} className="input" value={target} onChange={(event) => setTarget(event.target.value)} />
        )}
      </Field>
      <Button type="submit">{words.filter}</Button>
    </form>
  );
}

function RecordingRow({ recording }: { readonly recording: RecordingView }) {
  const { grantId, task, principal, target, openedAt, closedAt, bytes } = recording;
  return (
    <tr>
      <td data-label={words.task}>
        <Link to="/recordings/$grant" params={{ grant: grantId }}>
          <Shown text={task.title} />
        </Link>
      </td>
      <td data-label={words.agent}>
        <Shown text={principal.name} />
      </td>
      <td data-label={words.target}>
        <Shown text={target} />
      </td>
      <td data-label={words.opened}>
        <Time at={openedAt} />
      </td>
      <td data-label={words.took}>
        {closedAt === null ? texts.common.notYet : spanText(Date.parse(closedAt) - Date.parse(openedAt))}
      </td>
      <td data-label={words.statements}>
        <StatementCounts recording={recording} />
      </td>
      <td data-label={words.size}>{bytes === null ? texts.common.notYet : bytesText(bytes)}</td>
      <td data-label={words.state}>
        <RecordingBadges recording={recording} />
      </td>
    </tr>
  );
}

/** How many there are, and what they come to: what is none is left out. */
function StatementCounts({ recording: { statements, counts } }: { readonly recording: RecordingView }) {
  const known = statements ?? counts?.statements;
  const parts = (['rows', 'changed', 'held', 'denied', 'errors'] as const).flatMap((name) => {
    const count = counts?.[name] ?? 0;
    return count === 0 ? [] : [words.counted[name](count)];
  });
  return (
    <span>
      {known === undefined ? texts.common.notYet : numberText(known)}
      {parts.length === 0 ? null : <span className="soft"> ({parts.join(', ')})</span>}
    </span>
  );
}

/** Its state; whether its gateway died; what its last verification said; how many people have read it. */
export function RecordingBadges({ recording }: { readonly recording: RecordingView }) {
  const { state, interrupted, verification, reviews } = recording;
  return (
    <span className="recording-badges">
      <Badge tone={state === 'sealed' ? 'plain' : 'act'}>{state === 'sealed' ? words.sealed : words.recording}</Badge>
      {interrupted === true ? <Badge tone="hold">{words.interrupted}</Badge> : null}
      {verification === null ? null : (
        <Badge tone={verification.ok ? 'allow' : 'deny'} title={verification.at}>
          {verification.ok ? `✔ ${words.verified}` : `✘ ${words.broken}`}
        </Badge>
      )}
      {reviews.length === 0 ? null : <Badge>{words.readBy(reviews.length)}</Badge>}
    </span>
  );
}
