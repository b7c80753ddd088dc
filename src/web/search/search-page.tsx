import './search.css';
import { getRouteApi } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useKeys } from '../keys/keys.js';
import { Note } from '../parts/said/note.js';
import { PageHead } from '../parts/page-head.js';
import { Gate } from '../shell/gate.js';
import { texts } from '../texts/en.js';
import { Chips } from './chips.js';
import { Examples } from './examples.js';
import { Found } from './found.js';
import { SearchForm } from './search-form.js';
import { type FacetFault, searchQueryOf, type SearchTerms, termsOf } from './search-terms.js';

const { search: words } = texts;
const route = getRouteApi('/search');

/** Any statement that was recorded, by its words and facets, which stand in the address. */
export function SearchPage() {
  return (
    <Gate title={words.title} permission="recording.read" roles="reviewer">
      <PageHead title={words.title} />
      <Search />
    </Gate>
  );
}

function Search() {
  const { q = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const box = useRef<HTMLInputElement>(null);
  useKeys(words.keys, [{ key: '/', label: words.focus, run: () => box.current?.select() }]);
  useEffect(() => box.current?.focus(), []);
  const search = (written: string) => {
    const next = written.trim();
    void navigate({ search: next === '' ? {} : { q: next } });
  };
  const terms = termsOf(q);
  return (
    <>
      <SearchForm written={q} onSearch={search} box={box} />
      {q === '' ? (
        <Examples />
      ) : (
        <>
          <Chips terms={terms} onSearch={search} />
          <Outcome terms={terms} />
        </>
      )}
    </>
  );
}

function Outcome({ terms }: { readonly terms: SearchTerms }) {
  const { query, faults } = searchQueryOf(terms);
  return faults.length > 0 ? <Faults faults={faults} /> : <Found query={query} />;
}

function Faults({ faults }: { readonly faults: readonly FacetFault[] }) {
  return (
    <Note tone="hold" role="alert">
      <p>
        <strong>{words.notUnderstood}</strong>
      </p>
      <ul>
        {faults.map((fault) => (
          <li key={fault}>{words.faults[fault]}</li>
        ))}
      </ul>
    </Note>
  );
}
