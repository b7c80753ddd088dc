import { Link } from '@tanstack/react-router';
import type { ReplayedStatementView } from '../../../contracts/policies/policy-replay.js';
import { useMay } from '../../api/me.js';
import { Shown } from '../../parts/said/shown.js';
import { Table } from '../../parts/list/table.js';
import { Time } from '../../parts/said/time.js';
import { texts } from '../../texts/en.js';
import { VerdictBadge } from '../trial/verdict-badge.js';

/** The statements that would get another answer, each with the way to its entry. */
export function ReplayedTable({ statements }: { readonly statements: readonly ReplayedStatementView[] }) {
  const { policyPanels: words } = texts;
  return (
    <>
      {statements.some(({ isShape }) => isShape) ? <p className="soft">{words.isShape}</p> : null}
      <Table caption={words.tabs.replay} head={[words.verdict, words.what, words.who, words.when]} stacks>
        {statements.map((statement) => (
          <ReplayedRow key={`${statement.grant} ${statement.seq}`} statement={statement} />
        ))}
      </Table>
    </>
  );
}

function ReplayedRow({ statement }: { readonly statement: ReplayedStatementView }) {
  const { policyPanels: words } = texts;
  const { grant, seq, at, principal, target, database, excerpt, now, would } = statement;
  const mayRead = useMay('recording.read');
  return (
    <tr>
      <td data-label={words.verdict}>
        <span>
          <VerdictBadge verdict={now.verdict} /> → <VerdictBadge verdict={would.verdict} />
        </span>
      </td>
      <th scope="row" data-label={words.what} className="replayed-text">
        <ReplayedText excerpt={excerpt} would={would} />
      </th>
      <td data-label={words.who}>
        <Shown text={`${principal}, ${database === null ? target : `${target}/${database}`}`} />
      </td>
      <td data-label={words.when}>
        <span>
          <Time at={at} />{' '}
          {mayRead ? (
            <Link to="/recordings/$grant" params={{ grant }} hash={`e=${seq}`} className="row-link">
              {words.open}
            </Link>
          ) : null}
        </span>
      </td>
    </tr>
  );
}

function ReplayedText({ excerpt, would }: Pick<ReplayedStatementView, 'excerpt' | 'would'>) {
  return (
    <div>
      <code>
        <Shown text={excerpt} />
      </code>
      <p className="soft">
        {would.policies.join(', ')} <Shown text={would.why} />
      </p>
    </div>
  );
}
