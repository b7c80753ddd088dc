import { Check } from 'lucide-react';
import type { ReactNode } from 'react';
import type { ApprovalView } from '../../../contracts/approvals/approval.js';
import { Shown } from '../../parts/said/shown.js';
import { Time } from '../../parts/said/time.js';
import { texts } from '../../texts/en.js';

const { approval } = texts;

type Answer = ApprovalView['decisions'][number];

/** Who must answer, and who has: for each group where the API says for which groups an answer counts. */
export function GroupsLine({ view, children }: { readonly view: ApprovalView; readonly children?: ReactNode }) {
  const { approvers, quorum, decisions, groupMembers } = view;
  const given = decisions.filter(({ decision }) => decision === 'approve');
  return (
    <p className="groups-line">
      {approvers.length === 0 ? (
        <span>{approval.anyApprover}</span>
      ) : (
        <>
          <span>{approval.groups}</span>
          {approvers.map((group) => (
            <GroupState
              key={group}
              group={group}
              answers={given}
              size={groupMembers.find((one) => one.group === group)}
            />
          ))}
        </>
      )}
      {quorum > 1 || (approvers.length === 0 && given.length > 0) ? (
        <span className="soft">{approval.quorum(given.length, quorum)}</span>
      ) : null}
      {children}
    </p>
  );
}

interface GroupStateProps {
  readonly group: string;
  readonly answers: readonly Answer[];
  readonly size: ApprovalView['groupMembers'][number] | undefined;
}

function GroupState({ group, answers, size }: GroupStateProps) {
  const isTold = answers.every((answer) => groupsOf(answer) !== undefined);
  const by = answers.find((answer) => groupsOf(answer)?.includes(group));
  return (
    <span>
      <strong>
        <Shown text={group} />
      </strong>
      {by === undefined ? (
        isTold && `: ${missingText(size)}`
      ) : (
        <>
          {': '}
          <Shown text={by.principal} /> <Check role="img" aria-label={approval.decided.approve} /> <Time at={by.at} />
        </>
      )}
    </span>
  );
}

function missingText(size: GroupStateProps['size']): string {
  return size === undefined ? approval.groupMissing : approval.groupMissingOf(size.members, size.isWhole);
}

function groupsOf(answer: Answer): readonly string[] | undefined {
  return 'groups' in answer && Array.isArray(answer.groups) ? answer.groups : undefined;
}
