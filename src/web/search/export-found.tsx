import { useMutation } from '@tanstack/react-query';
import type { StatementSearchPage, StatementView } from '../../contracts/recordings/statement.js';
import { call } from '../api/call.js';
import { Button } from '../parts/form/button.js';
import { FailureNote } from '../parts/said/failure-note.js';
import { saveFile } from '../parts/save-file.js';
import { texts } from '../texts/en.js';
import { foundCsv } from './found-csv.js';
import type { SearchQuery } from './search-terms.js';

const { search: words } = texts;
const PAGE_ITEMS = 200;
/** A file of more would keep the browser and the api busy for long; facets narrow it. */
const EXPORTED_MAX = 10_000;

/** Saves what the search finds as a file. */
export function ExportFound({ query }: { readonly query: SearchQuery }) {
  const saving = useMutation({
    mutationFn: async (form: 'csv' | 'json') => {
      const { items, more } = await allOf(query);
      if (form === 'csv') saveFile('statements.csv', 'text/csv', foundCsv(items));
      else saveFile('statements.json', 'application/json', JSON.stringify(items, null, 2));
      return more;
    },
  });
  return (
    <div className="search-export">
      <span>{saving.isPending ? words.exporting : words.export}</span>
      <Button disabled={saving.isPending} onClick={() => saving.mutate('csv')}>
        {words.exportCsv}
      </Button>
      <Button disabled={saving.isPending} onClick={() => saving.mutate('json')}>
        {words.exportJson}
      </Button>
      <span role="status">{saving.data === true ? words.exportCut(EXPORTED_MAX) : ''}</span>
      {saving.isError ? <FailureNote error={saving.error} /> : null}
    </div>
  );
}

async function allOf(query: SearchQuery): Promise<{ items: readonly StatementView[]; more: boolean }> {
  const items: StatementView[] = [];
  let cursor: string | null = '';
  while (cursor !== null && items.length < EXPORTED_MAX) {
    const page: StatementSearchPage = await call<StatementSearchPage>('/v1/statements', {
      query: { ...query, limit: PAGE_ITEMS, cursor },
    });
    items.push(...page.items);
    cursor = page.next;
  }
  return { items: items.slice(0, EXPORTED_MAX), more: cursor !== null };
}
