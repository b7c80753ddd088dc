import './effect.css';
import type { ApprovalView } from '../../../contracts/approvals/approval.js';
import { Note } from '../../parts/said/note.js';
import { Shown } from '../../parts/said/shown.js';
import { Table } from '../../parts/list/table.js';
import { Time } from '../../parts/said/time.js';
import { numberText } from '../../texts/format.js';
import { texts } from '../../texts/en.js';
import { tableText } from '../facts/headline.js';
import { SamplePart } from './sample-part.js';
import { sqlPreviewOf, type ReadyPreview, type SqlPreview } from '../statement/sql-view.js';

const { approval } = texts;

/** What the broker found out about what it would do, before anybody decides. */
export function EffectPart({ view }: { readonly view: ApprovalView }) {
  const { preview } = view;
  return (
    <section className="approval-part effect" aria-label={approval.effect}>
      <h3>{approval.effect}</h3>
      {preview.state === 'ready' ? <ReadyEffect preview={preview} /> : <p role="status">{WAITING[preview.state]}</p>}
    </section>
  );
}

const WAITING = {
  pending: approval.previewPending,
  none: approval.previewNone,
  hidden: approval.previewIsHidden,
} as const;

function ReadyEffect({ preview }: { readonly preview: ReadyPreview }) {
  const { affected, takenAt } = preview;
  const sql = sqlPreviewOf(preview);
  return (
    <>
      {affected.kind === 'exact' ? (
        <p>
          {approval.affectedExact(affected.rows)}{' '}
          <span className="soft">
            (<Time at={takenAt} />)
          </span>
        </p>
      ) : (
        <Note tone="deny">
          <strong>{approval.affectedUnknown}</strong> <Shown text={affected.why} />
        </Note>
      )}
      {sql === undefined ? null : <SqlEffect preview={sql} />}
    </>
  );
}

function SqlEffect({ preview }: { readonly preview: SqlPreview }) {
  const { triggers, cascades, locks } = preview;
  return (
    <>
      <SamplePart preview={preview} />
      <TablesTable tables={preview.tables} />
      <NameList title={approval.triggers} names={triggers} />
      <NameList title={approval.cascades} names={cascades} />
      {locks === null || locks.held.length === 0 ? null : (
        <>
          <NameList title={approval.locks} names={locks.held} />
          <p>
            {locks.waiting === null ? approval.waitingUnknown : approval.waiting(locks.waiting)}
            {locks.waiters.length === 0 ? null : (
              <>
                {': '}
                <Shown text={locks.waiters.join(', ')} />
              </>
            )}
          </p>
        </>
      )}
    </>
  );
}

function TablesTable({ tables }: Pick<SqlPreview, 'tables'>) {
  if (tables.length === 0) return null;
  return (
    <Table caption={approval.tables} head={approval.tableHead}>
      {tables.map(({ database, table, rows, estimated, isWritten }) => (
        <tr key={`${database}.${table}`}>
          <th scope="row">
            <Shown text={tableText({ database, table })} />
          </th>
          <td>
            {rows === null
              ? approval.tableRowsUnknown
              : estimated
                ? approval.about(numberText(rows))
                : numberText(rows)}
          </td>
          <td>{isWritten ? approval.written : approval.read}</td>
        </tr>
      ))}
    </Table>
  );
}

function NameList({ title, names }: { readonly title: string; readonly names: readonly string[] }) {
  if (names.length === 0) return null;
  return (
    <>
      <h4>{title}</h4>
      <ul>
        {names.map((name) => (
          <li key={name}>
            <Shown text={name} />
          </li>
        ))}
      </ul>
    </>
  );
}
