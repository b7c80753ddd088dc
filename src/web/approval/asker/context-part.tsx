import type { ApprovalView } from '../../../contracts/approvals/approval.js';
import { Badge } from '../../parts/said/badge.js';
import { Shown } from '../../parts/said/shown.js';
import { Table } from '../../parts/list/table.js';
import { TimeAndAgo } from '../../parts/said/time.js';
import { clockText } from '../../texts/format.js';
import { texts } from '../../texts/en.js';

const { approval } = texts;
const TONES = { allow: 'allow', hold: 'hold', deny: 'deny' } as const;

/** What the task had done when people were asked. */
export function ContextPart({ view: { statement } }: { readonly view: ApprovalView }) {
  const context = statement?.context ?? null;
  if (context === null || (context.operations.length === 0 && context.inTransactionSince === null)) return null;
  return (
    <section className="approval-part" aria-label={approval.context}>
      <h3>{approval.context}</h3>
      {context.inTransactionSince === null ? null : (
        <p>
          {approval.transactionSince} <TimeAndAgo at={context.inTransactionSince} />
        </p>
      )}
      {context.operations.length === 0 ? null : (
        <>
          <h4>{approval.lastOperations}</h4>
          <Table caption={approval.lastOperations} head={approval.operationHead}>
            {context.operations.map(({ operation, at, line, verdict, outcome }) => (
              <tr key={operation}>
                <td>
                  <time dateTime={at}>{clockText(at)}</time>
                </td>
                <td>
                  <Badge tone={TONES[verdict]}>{approval.verdicts[verdict]}</Badge>
                </td>
                <td className="mono">{line === null ? approval.tooLong : <Shown text={line} />}</td>
                <td>{outcome === null ? approval.noOutcome : approval.outcomes[outcome]}</td>
              </tr>
            ))}
          </Table>
        </>
      )}
    </section>
  );
}
