import './recordings.css';
import { Link } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';
import type { RecordingView } from '../../contracts/recordings/recording.js';
import { useReadList } from '../api/list.js';
import { Badge } from '../parts/said/badge.js';
import { Button } from '../parts/form/button.js';
import { Field } from '../parts/form/field.js';
import { ListEnd } from '../parts/list/list-end.js';
import { PageHead } from '../parts/page-head.js';
import { Shown } from '../parts/said/shown.js';
import { Table } from '../parts/list/table.js';
import { Time } from '../parts/said/time.js';
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
  const list = useReadList<RecordingView>(['recordings'], '/v1/recordings', { ...filter });
  const isFiltered = Object.keys(filter).length > 0;
  return (
    <>
      <FilterForm onFilter={setFilter} />
      {list.items.length === 0 ? null : (
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
          {list.items.map((recording) => (
            <RecordingRow key={recording.grantId} recording={recording} />
          ))}
        </Table>
      )}
      <ListEnd list={list} empty={isFiltered ? words.none : words.noneAtAll} />
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
