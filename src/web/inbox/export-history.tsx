import { addressOf } from '../api/call.js';
import { texts } from '../texts/en.js';
import { filtersOf } from './history-query.js';
import type { InboxFilter } from './inbox-search.js';

const { inbox } = texts;

/** Saves what the filters find as a file; the API makes it. */
export function ExportHistory({ search }: { readonly search: InboxFilter }) {
  const to = (format: string) => addressOf('/v1/approvals/export', { ...filtersOf(search), format });
  return (
    <p className="history-export">
      <span>{inbox.export}</span>
      <a className="button" href={to('csv')} download="approvals.csv">
        {inbox.exportCsv}
      </a>
      <a className="button" href={to('json')} download="approvals.json">
        {inbox.exportJson}
      </a>
    </p>
  );
}
