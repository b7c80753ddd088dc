import './record.css';
import type { RecordEntryView } from '../../contracts/broker/admin-record.js';
import { Badge } from '../parts/said/badge.js';
import { Shown } from '../parts/said/shown.js';
import { Table } from '../parts/list/table.js';
import { Time } from '../parts/said/time.js';
import { texts } from '../texts/en.js';
import { numberText } from '../texts/format.js';
import { EntryChange } from './entry-change.js';
import { EntrySubject } from './entry-subject.js';
import { EntryWho } from './entry-who.js';

export interface EntryTableProps {
  readonly caption: string;
  readonly entries: readonly RecordEntryView[];
}

/** Entries of the administrative record, each with all that it has. */
export function EntryTable({ caption, entries }: EntryTableProps) {
  const { record: words } = texts;
  const head = [words.at, words.who, words.act, words.subject, words.change, words.why, words.from];
  return (
    <Table caption={caption} head={head} stacks>
      {entries.map((entry) => (
        <EntryRow key={entry.seq} entry={entry} />
      ))}
    </Table>
  );
}

function EntryRow({ entry }: { readonly entry: RecordEntryView }) {
  const { seq, at, act, who, from, request, subject, why, outcome, code, count } = entry;
  const { record: words } = texts;
  return (
    <tr>
      <td data-label={words.at}>
        <span>
          <Time at={at} />
          <span className="entry-second">
            {words.seq} {numberText(seq)}
          </span>
        </span>
      </td>
      <th scope="row" data-label={words.who}>
        <EntryWho who={who} act={act} />
      </th>
      <td data-label={words.act}>
        <span>
          {words.acts[act] ?? act}{' '}
          {outcome === 'done' ? null : (
            <Badge tone={outcome === 'refused' ? 'deny' : 'hold'}>{words.outcomes[outcome]}</Badge>
          )}
          {code === null ? null : <code className="entry-second">{code}</code>}
          {count === 1 ? null : <span className="entry-second">{words.times(numberText(count))}</span>}
        </span>
      </td>
      <td data-label={words.subject}>
        <EntrySubject subject={subject} />
      </td>
      <td data-label={words.change}>
        <EntryChange entry={entry} />
      </td>
      <td data-label={words.why}>{why === null ? null : <Shown text={why} />}</td>
      <td data-label={words.from}>
        <span>
          {from === null ? null : <Shown text={from} />}
          {request === null ? null : <code className="entry-second">{request}</code>}
        </span>
      </td>
    </tr>
  );
}
