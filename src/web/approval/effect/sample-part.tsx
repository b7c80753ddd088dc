import { ArrowRight } from 'lucide-react';
import { Shown } from '../../parts/said/shown.js';
import { Table } from '../../parts/list/table.js';
import { texts } from '../../texts/en.js';
import type { AfterValue, SqlPreview } from '../statement/sql-view.js';

const { approval } = texts;

/** Some of the rows that match, with what the columns get that the statement assigns. */
export function SamplePart({ preview: { sample, assigned, affected } }: { readonly preview: SqlPreview }) {
  if (sample === null || sample.rows.length === 0) return <Assigned assigned={assigned} />;
  const { columns, rows, changed, after } = sample;
  const all = affected.kind === 'exact' ? affected.rows : undefined;
  const caption = all === undefined ? approval.sampleSome(rows.length) : approval.sampleOf(rows.length, all);
  const computed = after.flatMap((one, place) =>
    one?.by === 'database' ? [{ column: columns[place] ?? '', why: one.why }] : [],
  );
  return (
    <>
      <h4>{caption}</h4>
      <Table
        caption={caption}
        head={columns.map((column, place) => (
          <ColumnHead key={place} name={column} isChanged={changed.includes(column)} />
        ))}
      >
        {rows.map((row, place) => (
          <tr key={place}>
            {row.map((value, column) => (
              <td key={column} className={changed.includes(columns[column] ?? '') ? 'changed' : undefined}>
                <Cell value={value} after={after[column] ?? null} />
              </td>
            ))}
          </tr>
        ))}
      </Table>
      {computed.map(({ column, why }) => (
        <p key={column} className="soft">
          <Shown text={column} />: {approval.byDatabaseWhy}. <Shown text={why} />
        </p>
      ))}
    </>
  );
}

function ColumnHead({ name, isChanged }: { readonly name: string; readonly isChanged: boolean }) {
  return (
    <>
      <Shown text={name} /> {isChanged ? <span className="changed-word">{approval.written}</span> : null}
    </>
  );
}

function Cell({ value, after }: { readonly value: string | null; readonly after: AfterValue | null }) {
  if (after === null) return <Value value={value} />;
  return (
    <span className="before-after">
      <del>
        <Value value={value} />
      </del>{' '}
      <ArrowRight role="img" aria-label={approval.becomes} />{' '}
      {after.by === 'statement' ? (
        <ins>
          <Value value={after.value} />
        </ins>
      ) : (
        <em>{approval.byDatabase}</em>
      )}
    </span>
  );
}

/** NULL, an empty text and a text look different. */
export function Value({ value }: { readonly value: string | null }) {
  if (value === null) return <span className="value-word">{approval.nullWord}</span>;
  if (value === '') return <span className="value-word">{approval.emptyText}</span>;
  return <Shown text={value} />;
}

/** What columns get, where no row is there to show it on. */
function Assigned({ assigned }: Pick<SqlPreview, 'assigned'>) {
  if (assigned === null || assigned.length === 0) return null;
  return (
    <>
      <h4>{approval.assigned}</h4>
      <ul>
        {assigned.map(({ database, table, column, after }) => (
          <li key={`${database}.${table}.${column}`}>
            <Shown text={`${database}.${table}.${column}`} />
            {': '}
            {after.by === 'statement' ? <Value value={after.value} /> : <Shown text={after.why} />}
          </li>
        ))}
      </ul>
    </>
  );
}
