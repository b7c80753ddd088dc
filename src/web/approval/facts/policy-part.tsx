import { Link } from '@tanstack/react-router';
import type { ApprovalView } from '../../../contracts/approvals/approval.js';
import { Shown } from '../../parts/said/shown.js';
import { texts } from '../../texts/en.js';

const { approval } = texts;

/** The policies that had people asked, as they were written then. */
export function PolicyPart({ view: { policyTexts } }: { readonly view: ApprovalView }) {
  if (policyTexts === null || policyTexts.length === 0) return null;
  return (
    <details className="approval-part">
      <summary>{approval.policyText}</summary>
      {policyTexts.map(({ policy, name, revision, line, text, isInForce }) => (
        <div key={policy}>
          <p>
            <Link to="/policies/$name" params={{ name }}>
              <Shown text={policy} />
            </Link>{' '}
            <span className="soft">
              {approval.policyPlace(name, revision, line)} {isInForce ? '' : approval.policyOld}
            </span>
          </p>
          <pre className="policy-text">
            <Shown text={text} lines />
          </pre>
        </div>
      ))}
    </details>
  );
}
