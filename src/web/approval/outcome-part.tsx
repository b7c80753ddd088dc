import type { ApprovalView } from '../../contracts/approval.js';
import { Time } from '../parts/time.js';
import { countText, spanText } from '../texts/format.js';
import { texts } from '../texts/en.js';
import { StateBadge } from './headline-part.js';
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

/** What the API says of a run of an approved statement, where it says so. */
interface Run {
  readonly outcome: 'ok' | 'error' | 'unknown' | null;
  readonly rows: number | null;
  readonly changed?: number | null;
  readonly durationUs: number | null;
  readonly error: { readonly code: number; readonly state?: string } | null;
}

function WirePart({ view }: { readonly view: ApprovalView }) {
  const { kind, uses, usesMax } = view;
  if (kind === 'grant') return <p>{approval.grantOpened}</p>;
  const runs: readonly Run[] = 'ran' in view && Array.isArray(view.ran) ? view.ran : [];
  return (
    <>
      {uses === 0 ? <p>{approval.notUsedYet}</p> : null}
      {uses > 0 && runs.length === 0 ? <p>{approval.usedOnce}</p> : null}
      {runs.map((run, place) => (
        <p key={place}>
          <strong>{runText(run)}</strong>
        </p>
      ))}
      {usesMax !== null && usesMax > 1 ? <p className="soft">{approval.used(uses, usesMax)}</p> : null}
    </>
  );
}

function runText({ outcome, rows, changed, durationUs, error }: Run): string {
  if (outcome === 'error') return approval.ran.error(error === null ? '' : `${error.code} ${error.state ?? ''}`.trim());
  if (outcome !== 'ok') return approval.ran.unknown;
  const amount = changed ?? rows;
  const span = durationUs === null ? '' : spanText(durationUs / 1_000);
  return approval.ran.ok(amount === null ? '' : countText(amount, 'row'), span);
}
