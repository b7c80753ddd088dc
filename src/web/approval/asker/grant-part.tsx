import { useQuery } from '@tanstack/react-query';
import type { ApprovalView } from '../../../contracts/approvals/approval.js';
import { Badge } from '../../parts/said/badge.js';
import { Shown } from '../../parts/said/shown.js';
import { Table } from '../../parts/list/table.js';
import { spanText } from '../../texts/format.js';
import { texts } from '../../texts/en.js';
import { targetQuery } from '../approval-query.js';
import type { SqlAccess } from '../statement/sql-view.js';

const { approval } = texts;
type Asked = NonNullable<ApprovalView['request']>;

/** What a requested grant asks for, against what its agent had before and what the target allows. */
export function GrantPart({ view: { request, target } }: { readonly view: ApprovalView }) {
  if (request === null) return null;
  const { access, newAccess, outlook, ttlSeconds } = request;
  return (
    <section className="approval-part" aria-label={approval.access}>
      <h3>{approval.access}</h3>
      <p>{approval.ttl(spanText(ttlSeconds * 1_000))}</p>
      <Table caption={approval.access} head={approval.accessHead}>
        {access.map((rule, place) => (
          <AccessRow key={place} rule={rule} newOnes={newAccess?.access ?? []} />
        ))}
      </Table>
      {newAccess === null ? null : <p className="soft">{comparedText(newAccess)}</p>}
      <TargetLimits name={target} />
      {outlook === null ? null : (
        <>
          <h4>{approval.outlook}</h4>
          <p>
            <Shown text={outlook.words} lines />
          </p>
        </>
      )}
    </section>
  );
}

function comparedText({ access, comparedWith }: NonNullable<Asked['newAccess']>): string {
  const compared = approval.newAccess(comparedWith);
  return comparedWith > 0 && access.length === 0 ? `${compared} ${approval.nothingNew}` : compared;
}

function AccessRow({ rule, newOnes }: { readonly rule: SqlAccess; readonly newOnes: readonly SqlAccess[] }) {
  const news = newOnes.filter(({ database, tables }) => database === rule.database && covers(tables, rule.tables));
  const fresh = [...new Set(news.flatMap(({ privileges = [] }) => privileges))].filter((one) =>
    rule.privileges?.includes(one),
  );
  return (
    <tr>
      <th scope="row">
        <Shown text={rule.database ?? JSON.stringify(rule)} />
      </th>
      <td>
        <Shown text={rule.tables?.join(', ') ?? approval.allTables} />
      </td>
      <td>
        <Shown text={rule.privileges?.join(', ') ?? ''} />
      </td>
      <td>
        {fresh.length === 0 ? null : (
          <Badge tone="hold">
            {approval.isNew}: <Shown text={fresh.join(', ')} />
          </Badge>
        )}
      </td>
    </tr>
  );
}

/** Whether something of one is in the other; without tables it is about all of them. */
function covers(some: readonly string[] | undefined, others: readonly string[] | undefined): boolean {
  return some === undefined || others === undefined || some.some((table) => others.includes(table));
}

interface SqlLimits {
  readonly privileges?: readonly string[];
  readonly databases?: readonly string[];
  readonly ttlSecondsMax?: number;
}

function TargetLimits({ name }: { readonly name: string }) {
  const { data } = useQuery(targetQuery(name));
  if (data === undefined) return null;
  const { privileges = [], databases, ttlSecondsMax } = data.limits as SqlLimits;
  const parts = [
    privileges.join(', '),
    databases?.join(', ') ?? '',
    ttlSecondsMax === undefined ? '' : spanText(ttlSecondsMax * 1_000),
  ].filter((part) => part !== '');
  if (parts.length === 0) return null;
  return (
    <p className="soft">
      {approval.limits}: <Shown text={parts.join(' · ')} />
    </p>
  );
}
