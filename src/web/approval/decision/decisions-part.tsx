import type { ApprovalView } from '../../../contracts/approvals/approval.js';
import { AgentBox } from '../../parts/said/agent-box.js';
import { Shown } from '../../parts/said/shown.js';
import { Time } from '../../parts/said/time.js';
import { texts } from '../../texts/en.js';
import { GroupsLine } from './groups-line.js';
import { scopeText } from './scope-text.js';

const { approval } = texts;

/** Who has answered, when, why and how far. */
export function DecisionsPart({ view }: { readonly view: ApprovalView }) {
  const { decisions, withdrawals } = view;
  return (
    <section className="approval-part" aria-label={approval.decisions}>
      <h3>{approval.decisions}</h3>
      <GroupsLine view={view} />
      {decisions.length + withdrawals.length === 0 ? <p className="soft">{approval.nobodyYet}</p> : null}
      <ul className="decisions">
        {decisions.map(({ principal, decision, reason, scope, at }) => (
          <li key={principal}>
            <strong>
              <Shown text={principal} />
            </strong>{' '}
            {approval.decided[decision]} <Time at={at} />
            {scope === null ? null : <span className="soft"> · {scopeText(scope)}</span>}
            <Reason text={reason} />
          </li>
        ))}
        {withdrawals.map(({ principal, reason, at }) => (
          <li key={`${principal} ${at}`}>
            <strong>
              <Shown text={principal} />
            </strong>{' '}
            {approval.withdrew} <Time at={at} />
            <Reason text={reason} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Reason({ text }: { readonly text: string | null }) {
  if (text === null) return null;
  return (
    <AgentBox label={approval.fromPerson}>
      <Shown text={text} />
    </AgentBox>
  );
}
