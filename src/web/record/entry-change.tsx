import type { RecordEntryView } from '../../contracts/broker/admin-record.js';
import { Shown } from '../parts/said/shown.js';
import { texts } from '../texts/en.js';
import { changesOf, type MemberChange, oneLine, wholeText } from './member-changes.js';

const SHOWN_MAX = 6;

/** What differs between before and after, and all of both when asked for. */
export function EntryChange({ entry }: { readonly entry: RecordEntryView }) {
  const { before, after } = entry;
  const changes = changesOf(before, after);
  const { record: words } = texts;
  if (before === null && after === null) return null;
  return (
    <span>
      <ul className="entry-change">
        {changes.slice(0, SHOWN_MAX).map((change) => (
          <li key={change.name}>
            <ChangedMember change={change} isNew={before === null} />
          </li>
        ))}
      </ul>
      <details className="entry-whole">
        <summary>{words.more}</summary>
        {before === null ? null : <Whole label={words.beforeWhole} value={before} />}
        {after === null ? null : <Whole label={words.afterWhole} value={after} />}
        <Whole label={words.raw} value={entry} />
      </details>
    </span>
  );
}

function ChangedMember({ change, isNew }: { readonly change: MemberChange; readonly isNew: boolean }) {
  const { name, before, after } = change;
  return (
    <>
      <Shown text={name} />{' '}
      {isNew || before === undefined ? null : (
        <>
          <del>
            <Shown text={oneLine(before)} className="mono" />
          </del>{' '}
          <span aria-hidden="true">→</span>{' '}
        </>
      )}
      <ins>
        <Shown text={oneLine(after)} className="mono" />
      </ins>
    </>
  );
}

function Whole({ label, value }: { readonly label: string; readonly value: unknown }) {
  return (
    <>
      <span className="soft">{label}</span>
      <pre>
        <Shown text={wholeText(value)} lines />
      </pre>
    </>
  );
}
