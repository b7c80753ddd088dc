import { useNavigate } from '@tanstack/react-router';
import type { ApprovalSummaryView } from '../../contracts/approvals/approval.js';
import type { ApprovalFeed } from '../approval/live/feed.js';
import { texts } from '../texts/en.js';
import { inboxSearchOf, type InboxFilter, type InboxView } from './inbox-search.js';

const { inbox } = texts;

export interface InboxFiltersProps {
  readonly view: InboxView;
  readonly search: InboxFilter;
  readonly feed: ApprovalFeed;
}

/** Narrows the list; what is chosen stands in the address. */
export function InboxFilters({ view, search, feed }: InboxFiltersProps) {
  const navigate = useNavigate();
  const change = (name: keyof InboxFilter, value: string | boolean) =>
    void navigate({ to: '/inbox', search: inboxSearchOf({ ...search, [name]: value }), replace: true });
  return (
    <div className="inbox-filters" role="group" aria-label={inbox.filters}>
      <TargetFilter isHistory={view === 'history'} search={search} feed={feed} onChange={change} />
      <label>
        {inbox.filterKind}
        <select className="input" value={search.kind ?? ''} onChange={(event) => change('kind', event.target.value)}>
          <option value="">{inbox.anyOne}</option>
          <option value="statement">{inbox.kinds.statement}</option>
          <option value="grant">{inbox.kinds.grant}</option>
        </select>
      </label>
      {view === 'history' ? (
        <HistoryFilters search={search} onChange={change} />
      ) : (
        <label className="inbox-check">
          <input
            type="checkbox"
            checked={search.warning === true}
            onChange={(event) => change('warning', event.target.checked)}
          />{' '}
          {inbox.filterWarning}
        </label>
      )}
    </div>
  );
}

interface ChangeProps {
  readonly search: InboxFilter;
  readonly onChange: (name: keyof InboxFilter, value: string) => void;
}

function TargetFilter({
  isHistory,
  search,
  feed,
  onChange,
}: ChangeProps & { readonly isHistory: boolean; readonly feed: ApprovalFeed }) {
  const value = search.target ?? '';
  if (isHistory) {
    return (
      <label>
        {inbox.filterTarget}
        <input className="input" value={value} onChange={(event) => onChange('target', event.target.value)} />
      </label>
    );
  }
  const names = new Set([...(feed.pending?.values() ?? [])].map(({ target }) => target));
  if (value !== '') names.add(value);
  return (
    <label>
      {inbox.filterTarget}
      <select className="input" value={value} onChange={(event) => onChange('target', event.target.value)}>
        <option value="">{inbox.anyOne}</option>
        {[...names].toSorted().map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

const STATES = Object.keys(texts.approval.states) as readonly ApprovalSummaryView['state'][];

function HistoryFilters({ search, onChange }: ChangeProps) {
  return (
    <>
      <label>
        {inbox.filterState}
        <select
          className="input"
          value={search.state ?? ''}
          onChange={(event) => onChange('state', event.target.value)}
        >
          <option value="">{inbox.anyOne}</option>
          {STATES.map((state) => (
            <option key={state} value={state}>
              {texts.approval.states[state]}
            </option>
          ))}
        </select>
      </label>
      <label>
        {inbox.filterFrom}
        <input
          className="input"
          type="date"
          value={search.from ?? ''}
          onChange={(event) => onChange('from', event.target.value)}
        />
      </label>
      <label>
        {inbox.filterTo}
        <input
          className="input"
          type="date"
          value={search.to ?? ''}
          onChange={(event) => onChange('to', event.target.value)}
        />
      </label>
    </>
  );
}
