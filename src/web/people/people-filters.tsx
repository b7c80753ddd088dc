import { getRouteApi } from '@tanstack/react-router';
import { FilterSelect, FilterText } from '../parts/list/filters.js';
import { texts } from '../texts/en.js';

const route = getRouteApi('/people');

/** By what the list of principals is narrowed; it stands in the address. */
export function PeopleFilters() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { people } = texts;
  const change = (name: keyof typeof search) => (value: string) => {
    const { [name]: _before, ...rest } = search;
    void navigate({ search: value === '' ? rest : { ...rest, [name]: value }, replace: true });
  };
  return (
    <search className="filters">
      <FilterText label={people.sought} value={search.text ?? ''} onChange={change('text')} />
      <FilterSelect
        label={people.kind}
        value={search.kind ?? ''}
        options={texts.roles.kinds.map(([kind]) => [kind, kind])}
        onChange={change('kind')}
      />
      <FilterSelect
        label={people.role}
        value={search.role ?? ''}
        options={texts.roles.roles.map(([role]) => [role, role])}
        onChange={change('role')}
      />
      <FilterText label={people.group} value={search.group ?? ''} onChange={change('group')} />
      <FilterText label={people.provider} value={search.provider ?? ''} onChange={change('provider')} />
      <FilterSelect
        label={people.state}
        value={search.state ?? ''}
        options={[
          ['enabled', people.enabled],
          ['disabled', people.disabled],
        ]}
        onChange={change('state')}
      />
    </search>
  );
}
