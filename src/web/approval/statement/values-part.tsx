import { Shown } from '../../parts/said/shown.js';
import { Table } from '../../parts/list/table.js';
import { texts } from '../../texts/en.js';
import type { SqlOperation } from './sql-view.js';

const { approval } = texts;

/** What is bound to the places of the text. */
export function ValuesPart({ operation: { values, bulk } }: { readonly operation: SqlOperation }) {
  if (bulk !== null) return <BulkValues bulk={bulk} />;
  if (values === null || values.length === 0) return null;
  return (
    <>
      <h4>{approval.values}</h4>
      <Table caption={approval.values} head={approval.valueHead}>
        {values.map(({ type, unsigned, shown }, place) => (
          <tr key={place}>
            <th scope="row">{place + 1}</th>
            <td>
              {type} {unsigned === true ? approval.unsigned : ''}
            </td>
            <td className="mono">
              <Shown text={shown} />
            </td>
          </tr>
        ))}
      </Table>
    </>
  );
}

function BulkValues({ bulk: { rowCount, rows } }: { readonly bulk: NonNullable<SqlOperation['bulk']> }) {
  const columns = rows[0]?.map((_, place) => String(place + 1)) ?? [];
  return (
    <>
      <h4>{approval.values}</h4>
      <p>{approval.bulk(rowCount, rows.length)}</p>
      <Table caption={approval.values} head={[approval.bulkRow, ...columns]}>
        {rows.map((row, place) => (
          <tr key={place}>
            <th scope="row">{place + 1}</th>
            {row.map(({ shown }, column) => (
              <td key={column} className="mono">
                <Shown text={shown} />
              </td>
            ))}
          </tr>
        ))}
      </Table>
    </>
  );
}
