import { useMutation } from '@tanstack/react-query';
import type { ApprovalSummaryView } from '../../contracts/approval.js';
import { call } from '../api/call.js';
import { Button } from '../parts/button.js';
import { FailureNote } from '../parts/failure-note.js';
import { saveFile } from '../parts/save-file.js';
import { texts } from '../texts/en.js';
import { csvOf } from './csv.js';
import { queryOf, type ApprovalListPage } from './history-query.js';
import type { InboxFilter } from './inbox-search.js';

const { inbox } = texts;
const PAGE_ITEMS = 100;
/** A file of more would keep the browser and the api busy for long; dates narrow it. */
const EXPORTED_MAX = 10_000;

/** Saves what the filters find as a file. */
export function ExportHistory({ search }: { readonly search: InboxFilter }) {
  const saving = useMutation({
    mutationFn: async (form: 'csv' | 'json') => {
      const { items, more } = await allOf(search);
      if (form === 'csv') saveFile('approvals.csv', 'text/csv', csvOf(items));
      else saveFile('approvals.json', 'application/json', JSON.stringify(items, null, 2));
      return more;
    },
  });
  return (
    <div className="history-export">
      <span>{saving.isPending ? inbox.exporting : inbox.export}</span>
      <Button disabled={saving.isPending} onClick={() => saving.mutate('csv')}>
        {inbox.exportCsv}
      </Button>
      <Button disabled={saving.isPending} onClick={() => saving.mutate('json')}>
        {inbox.exportJson}
      </Button>
      <span role="status">{saving.data === true ? inbox.exportCut(EXPORTED_MAX) : ''}</span>
      {saving.isError ? <FailureNote error={saving.error} /> : null}
    </div>
  );
}

async function allOf(search: InboxFilter): Promise<{ items: readonly ApprovalSummaryView[]; more: boolean }> {
  const query = queryOf(search, PAGE_ITEMS);
  const items: ApprovalSummaryView[] = [];
  let cursor: string | null = '';
  while (cursor !== null && items.length < EXPORTED_MAX) {
    const page: ApprovalListPage = await call<ApprovalListPage>('/v1/approvals', { query: { ...query, cursor } });
    items.push(...page.items);
    cursor = page.next;
  }
  return { items: items.slice(0, EXPORTED_MAX), more: cursor !== null };
}
