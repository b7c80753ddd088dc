import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ApprovalSummaryView } from '../../contracts/approvals/approval.js';
import type { GrantDetailView } from '../../contracts/grants/grant.js';
import { Badge, type BadgeProps } from '../parts/said/badge.js';
import { FailureNote } from '../parts/said/failure-note.js';
import { Loading } from '../parts/said/loading.js';
import { Shown } from '../parts/said/shown.js';
import { Table } from '../parts/list/table.js';
import { Time } from '../parts/said/time.js';
import { texts } from '../texts/en.js';
import { questionsQuery } from './task-calls.js';

const { tasks } = texts;
const words = tasks.questions;

const TONES: Readonly<Record<ApprovalSummaryView['state'], NonNullable<BadgeProps['tone']>>> = {
  pending: 'hold',
  approved: 'allow',
  denied: 'deny',
  'timed-out': 'plain',
  cancelled: 'plain',
  withdrawn: 'plain',
};

/** All that people were asked in a task, and what they said. */
export function TaskQuestions({ grant }: { readonly grant: GrantDetailView }) {
  const { data, error, refetch } = useQuery(questionsQuery(grant));
  if (data === undefined) {
    return error === null ? <Loading /> : <FailureNote error={error} onRetry={() => void refetch()} />;
  }
  if (data.items.length === 0) return <p>{words.none}</p>;
  return (
    <Table caption={words.table} head={[words.what, tasks.asked, words.state, words.decisions]} stacks>
      {data.items.map((question) => (
        <QuestionRow key={question.id} question={question} />
      ))}
    </Table>
  );
}

function QuestionRow({ question }: { readonly question: ApprovalSummaryView }) {
  const { id, excerpt, askedAt, state, decisions } = question;
  return (
    <tr>
      <td data-label={words.what}>
        <Link to="/approvals/$id" params={{ id }}>
          {excerpt === null ? tasks.now.wholeGrant : <Shown text={excerpt.action} />}
        </Link>
        {excerpt === null ? null : (
          <div className="mono soft">
            <Shown text={excerpt.line} />
          </div>
        )}
      </td>
      <td data-label={tasks.asked}>
        <Time at={askedAt} />
      </td>
      <td data-label={words.state}>
        <Badge tone={TONES[state]}>{tasks.approvalStates[state]}</Badge>
      </td>
      <td data-label={words.decisions}>
        {decisions.length === 0 ? <span className="soft">{words.noDecision}</span> : null}
        <ul className="plain-list">
          {decisions.map(({ principal, decision, reason, at }) => (
            <li key={`${principal} ${at}`}>
              <Shown text={principal} /> {texts.replay.detail.decisions[decision]} <Time at={at} />
              {reason === null ? null : (
                <>
                  {': '}
                  <Shown text={reason} />
                </>
              )}
            </li>
          ))}
        </ul>
      </td>
    </tr>
  );
}
