import { TriangleAlert } from 'lucide-react';
import type { ApprovalView } from '../../../contracts/approvals/approval.js';
import { Shown } from '../../parts/said/shown.js';
import { texts } from '../../texts/en.js';
import { GroupsLine } from '../decision/groups-line.js';
import { NewKeys } from '../decision/new-keys.js';

const { approval } = texts;

/** Why people are asked, what the policy warns of, and who must answer. */
export function WhyPart({ view }: { readonly view: ApprovalView }) {
  const { warning, why, policies } = view;
  return (
    <section className="why" aria-label={approval.held}>
      {warning === null ? null : (
        <p className="why-warning">
          <TriangleAlert aria-hidden />
          <span>
            <strong>{approval.warning}:</strong> <Shown text={warning} />
          </span>
        </p>
      )}
      <p>
        <strong>{approval.held}:</strong> <Shown text={why} />{' '}
        <span className="soft">
          (<Shown text={policies.join(', ')} />)
        </span>
      </p>
      <GroupsLine view={view}>
        {view.state === 'pending' && view.kind === 'statement' ? (
          <span className="soft">{approval.clientWaiting[waitingWord(view.clientWaits)]}</span>
        ) : null}
      </GroupsLine>
      {view.state === 'pending' ? <NewKeys view={view} /> : null}
    </section>
  );
}

function waitingWord(clientWaits: boolean | null): 'yes' | 'no' | 'unknown' {
  return clientWaits === null ? 'unknown' : clientWaits ? 'yes' : 'no';
}
