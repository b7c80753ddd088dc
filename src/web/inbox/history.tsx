import { Link } from '@tanstack/react-router';
import type { ApprovalSummaryView } from '../../contracts/approvals/approval.js';
import { useReadList } from '../api/list.js';
import { headlineOf } from '../approval/facts/headline.js';
import { StateBadge } from '../approval/facts/headline-part.js';
import { ListEnd } from '../parts/list/list-end.js';
import { Shown } from '../parts/said/shown.js';
import { Table } from '../parts/list/table.js';
import { Time } from '../parts/said/time.js';
import { texts } from '../texts/en.js';
import { ExportHistory } from './export-history.js';
import { historyQuery } from './history-query.js';
import type { InboxFilter } from './inbox-search.js';

const { inbox, approval } = texts;
const LABELS = inbox.historyHead;

/** All that was asked, with the ones who decided, and their reasons. */
export function History({ search }: { readonly search: InboxFilter }) {
  const list = useReadList<ApprovalSummaryView>(['approvals', 'history'], '/v1/approvals', historyQuery(search));
  return (
    <>
      <div className="history-acts">
        <p className="soft">{inbox.historyNote}</p>
        <ExportHistory search={search} />
      </div>
      {list.items.length === 0 ? null : (
        <Table caption={inbox.views.history} head={LABELS} stacks>
          {list.items.map((item) => (
            <HistoryRow key={item.id} item={item} />
          ))}
        </Table>
      )}
      <ListEnd list={list} empty={inbox.emptyHistory} />
    </>
  );
}

function HistoryRow({ item }: { readonly item: ApprovalSummaryView }) {
  const { verb, place, amount } = headlineOf(item);
  return (
    <tr>
      <td data-label={LABELS[0]}>
        <Time at={item.askedAt} />
      </td>
      <td data-label={LABELS[1]}>
        <StateBadge view={item} />
      </td>
      <td data-label={LABELS[2]}>
        <Link to="/approvals/$id" params={{ id: item.id }}>
          {verb} <Shown text={place} />
        </Link>{' '}
        <span className="soft">{amount}</span>
      </td>
      <td data-label={LABELS[3]}>
        <Shown text={item.target} />
      </td>
      <td data-label={LABELS[4]}>
        <Shown text={item.principal.name} />
      </td>
      <td data-label={LABELS[5]}>
        <Shown text={item.task.title} />
      </td>
      <td data-label={LABELS[6]}>
        <Answers item={item} />
      </td>
    </tr>
  );
}

function Answers({ item: { decisions, withdrawals } }: { readonly item: ApprovalSummaryView }) {
  return (
    <span>
      {decisions.map(({ principal, decision, reason }) => (
        <span key={principal} className="history-answer">
          <Shown text={principal} /> {approval.decided[decision]}
          {reason === null ? null : (
            <>
              : <Shown text={reason} />
            </>
          )}
        </span>
      ))}
      {withdrawals.map(({ principal, reason, at }) => (
        <span key={`${principal} ${at}`} className="history-answer">
          <Shown text={principal} /> {approval.withdrew}: <Shown text={reason} />
        </span>
      ))}
    </span>
  );
}
