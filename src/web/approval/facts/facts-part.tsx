import { Link } from '@tanstack/react-router';
import type { ApprovalView } from '../../../contracts/approvals/approval.js';
import { Badge } from '../../parts/said/badge.js';
import { Shown } from '../../parts/said/shown.js';
import { Time } from '../../parts/said/time.js';
import { texts } from '../../texts/en.js';

const { approval } = texts;

/** Who asks, where, and until when: what the broker itself knows. */
export function FactsPart({ view }: { readonly view: ApprovalView }) {
  const { grant, principal, sponsor, target, targetLabels, database, inTransaction, expiresAt } = view;
  return (
    <dl className="facts-strip">
      <div>
        <dt>{approval.who}</dt>
        <dd>
          <strong>
            <Shown text={principal.name} />
          </strong>
          <span className="facts-note">
            {sponsor === null ? (
              approval.noSponsor
            ) : (
              <>
                {approval.sponsor(sponsor.isClaim)}: <Shown text={sponsor.name} />
              </>
            )}
            {' · '}
            <Link to="/tasks/$grant" params={{ grant }}>
              {approval.toTask}
            </Link>
          </span>
        </dd>
      </div>
      <div>
        <dt>{approval.where}</dt>
        <dd>
          <strong>
            <Shown text={target} />
          </strong>{' '}
          <TargetLabels of={targetLabels ?? {}} />
          <span className="facts-note">
            {database === null ? null : (
              <>
                {approval.database} <Shown text={database} />
              </>
            )}
            {inTransaction ? <> · {approval.inTransaction}</> : null}
          </span>
        </dd>
      </div>
      <div>
        <dt>{approval.until}</dt>
        <dd>
          <Time at={expiresAt} />
          <span className="facts-note">{approval.timeNote}</span>
        </dd>
      </div>
    </dl>
  );
}

/** What operators have written on the target: `env=prod` says more than its name. */
function TargetLabels({ of }: { readonly of: Readonly<Record<string, string>> }) {
  const labels = Object.entries(of).toSorted(([a], [b]) => (a === 'env' ? -1 : b === 'env' ? 1 : 0));
  return labels.slice(0, 3).map(([label, value]) => (
    <Badge key={label}>
      <Shown text={`${label}=${value}`} />
    </Badge>
  ));
}
