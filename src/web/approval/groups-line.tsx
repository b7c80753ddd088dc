import { Check } from 'lucide-react';
import type { ReactNode } from 'react';
import type { ApprovalView } from '../../contracts/approval.js';
import { Shown } from '../parts/shown.js';
import { Time } from '../parts/time.js';
import { texts } from '../texts/en.js';

const { approval } = texts;

type Answer = ApprovalView['decisions'][number];

/** Who must answer, and who has: for each group where the API says for which groups an answer counts. */
export function GroupsLine({ view, children }: { readonly view: ApprovalView; readonly children?: ReactNode }) {
  const { approvers, quorum, decisions } = view;
  const given = decisions.filter(({ decision }) => decision === 'approve');
  return (
    <p className="groups-line">
      {approvers.length === 0 ? (
        <span>{approval.anyApprover}</span>
      ) : (
        <>
          <span>{approval.groups}</span>
          {approvers.map((group) => (
            <GroupState key={group} group={group} answers={given} />
          ))}
        </>
      )}
      {quorum > 1 || given.length > 0 ? <span className="soft">{approval.quorum(given.length, quorum)}</span> : null}
      {children}
    </p>
  );
}

function GroupState({ group, answers }: { readonly group: string; readonly answers: readonly Answer[] }) {
  const isTold = answers.every((answer) => groupsOf(answer) !== undefined);
  const by = answers.find((answer) => groupsOf(answer)?.includes(group));
  return (
    <span>
      <strong>
        <Shown text={group} />
      </strong>
      {by === undefined ? (
        isTold && `: ${approval.groupMissing}`
      ) : (
        <>
          {': '}
          <Shown text={by.principal} /> <Check role="img" aria-label={approval.decided.approve} /> <Time at={by.at} />
        </>
      )}
    </span>
  );
}

function groupsOf(answer: Answer): readonly string[] | undefined {
  return 'groups' in answer && Array.isArray(answer.groups) ? answer.groups : undefined;
}
