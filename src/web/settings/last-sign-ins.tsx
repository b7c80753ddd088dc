import { useQueries } from '@tanstack/react-query';
import type { RecordEntryPage, RecordEntryView } from '../../contracts/broker/admin-record.js';
import { call } from '../api/call.js';
import { FailureNote } from '../parts/said/failure-note.js';
import { Badge } from '../parts/said/badge.js';
import { Section } from '../parts/section.js';
import { Table } from '../parts/list/table.js';
import { TimeAndAgo } from '../parts/said/time.js';
import { EntryWho } from '../record/entry-who.js';
import { Shown } from '../parts/said/shown.js';
import { texts } from '../texts/en.js';

const ACTS = ['sign-in.done', 'sign-in.refused', 'token.refused'] as const;
const READ = 200;
const SHOWN = 20;

/** The last sign-ins by a provider with their outcomes, as far as the newest entries of the record have them. */
export function LastSignIns({ name }: { readonly name: string }) {
  const results = useQueries({
    queries: ACTS.map((act) => ({
      queryKey: ['record', 'sign-ins', act],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        call<RecordEntryPage>('/v1/record', { query: { act, limit: READ }, signal }),
    })),
  });
  const { provider: words, record } = texts;
  const error = results.find((result) => result.error !== null)?.error;
  const entries = results
    .flatMap(({ data }) => data?.items ?? [])
    .filter(({ who, subject }) => isBy(who, name) || (subject.kind === 'provider' && subject.name === name))
    .sort((one, other) => other.seq - one.seq)
    .slice(0, SHOWN);
  return (
    <Section title={words.lastSignIns}>
      <p className="soft">{words.lastSignInsText}</p>
      {error === undefined || error === null ? null : <FailureNote error={error} />}
      {entries.length === 0 ? (
        <p className="soft">{words.noSignIns}</p>
      ) : (
        <Table caption={words.lastSignInsCaption} head={[words.at, words.who, words.outcome, record.from]} stacks>
          {entries.map((entry) => (
            <SignInRow key={entry.seq} entry={entry} />
          ))}
        </Table>
      )}
    </Section>
  );
}

function isBy({ signIn }: RecordEntryView['who'], name: string): boolean {
  return ['session', 'device', 'token'].some((way) => signIn === `${way}:${name}`);
}

function SignInRow({ entry }: { readonly entry: RecordEntryView }) {
  const { at, who, act, code, from, count } = entry;
  const { provider: words, record } = texts;
  const isDone = act === 'sign-in.done';
  return (
    <tr>
      <td data-label={words.at}>
        <TimeAndAgo at={at} />
      </td>
      <th scope="row" data-label={words.who}>
        <EntryWho who={who} act={act} />
      </th>
      <td data-label={words.outcome}>
        <span>
          <Badge tone={isDone ? 'allow' : 'deny'}>{isDone ? words.done : record.outcomes.refused}</Badge>{' '}
          {code === null ? null : <code>{code}</code>} {count === 1 ? null : record.times(String(count))}
        </span>
      </td>
      <td data-label={record.from}>{from === null ? null : <Shown text={from} />}</td>
    </tr>
  );
}
