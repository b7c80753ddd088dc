import { getRouteApi } from '@tanstack/react-router';
import { FilterSelect, FilterText } from '../parts/list/filters.js';
import { localInput, timeOfInput } from '../parts/said/local-time.js';
import { texts } from '../texts/en.js';

const route = getRouteApi('/record');

/** By what the record is narrowed; it stands in the address. */
export function RecordFilters() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = (name: keyof typeof search) => (value: string) => {
    const { [name]: _before, ...rest } = search;
    void navigate({ search: value === '' ? rest : { ...rest, [name]: value }, replace: true });
  };
  const { record: words } = texts;
  return (
    <search className="filters">
      <FilterSelect
        label={words.filterAct}
        value={search.act ?? ''}
        options={Object.entries(words.acts)}
        onChange={change('act')}
      />
      <FilterText label={words.filterPrincipal} value={search.principal ?? ''} onChange={change('principal')} />
      <FilterText label={words.filterSubject} value={search.subject ?? ''} onChange={change('subject')} />
      <FilterText
        label={words.filterFrom}
        type="datetime-local"
        value={localInput(search.from)}
        onChange={(value) => change('from')(timeOfInput(value))}
      />
      <FilterText
        label={words.filterTo}
        type="datetime-local"
        value={localInput(search.to)}
        onChange={(value) => change('to')(timeOfInput(value))}
      />
    </search>
  );
}
