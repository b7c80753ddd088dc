import type { ApprovalView } from '../../../contracts/approvals/approval.js';
import { Time } from '../../parts/said/time.js';
import { countText, spanText } from '../../texts/format.js';
import { texts } from '../../texts/en.js';
import { StateBadge } from '../facts/headline-part.js';
import { scopeText } from './scope-text.js';

const { approval } = texts;

/** How the question ended, and what came of it at the target. */
export function OutcomePart({ view }: { readonly view: ApprovalView }) {
  const { settledAt, scope } = view;
  return (
    <div className="outcome" role="status">
      <p>
        <StateBadge view={view} /> {settledAt === null ? null : <Time at={settledAt} />}
      </p>
      {scope === null || view.state !== 'approved' ? null : <p>{scopeText(scope)}</p>}
      {view.state === 'approved' ? <WirePart view={view} /> : null}
    </div>
  );
}

type Run = NonNullable<ApprovalView['ran']>[number];

function WirePart({ view }: { readonly view: ApprovalView }) {
  const { kind, uses, usesMax } = view;
  if (kind === 'grant') return <p>{approval.grantOpened}</p>;
  const runs: readonly Run[] = view.ran ?? [];
  return (
    <>
      {uses === 0 ? <p>{approval.notUsedYet}</p> : null}
      {uses > 0 && runs.length === 0 ? <p>{approval.usedOnce}</p> : null}
      {runs.map((run) => (
        <p key={run.operation}>
          <strong>{runText(run)}</strong>
        </p>
      ))}
      {usesMax !== null && usesMax > 1 ? <p className="soft">{approval.used(uses, usesMax)}</p> : null}
    </>
  );
}

function runText({ outcome, rows, changed, tookUs, error }: Run): string {
  if (outcome === 'error') return approval.ran.error(error === null ? '' : `${error.code} ${error.state ?? ''}`.trim());
  if (outcome !== 'ok') return approval.ran.unknown;
  const amount = changed ?? rows;
  const parts = [amount === null ? '' : countText(amount, 'row'), tookUs === null ? '' : spanText(tookUs / 1_000)];
  return approval.ran.ok(parts.filter((part) => part !== '').join(', '));
}
