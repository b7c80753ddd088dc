import { X } from 'lucide-react';
import { Shown } from '../parts/said/shown.js';
import { visibleName } from '../parts/said/visible-name.js';
import { texts } from '../texts/en.js';
import { FACETS, type SearchTerms, withFacet, writtenTerms } from './search-terms.js';

const { search: words } = texts;

/** The facets of the search, each with a button that takes it out. */
export function Chips({
  terms,
  onSearch,
}: {
  readonly terms: SearchTerms;
  readonly onSearch: (written: string) => void;
}) {
  const chosen = FACETS.flatMap((facet) => {
    const value = terms.facets[facet];
    return value === undefined ? [] : [{ facet, value }];
  });
  if (chosen.length === 0) return null;
  return (
    <ul className="search-chips" aria-label={words.searchedFor}>
      {chosen.map(({ facet, value }) => (
        <li key={facet}>
          <button
            type="button"
            className="search-chip"
            aria-label={words.remove(`${words.names[facet]} ${visibleName(value)}`)}
            onClick={() => onSearch(writtenTerms(withFacet(terms, facet, '')))}
          >
            <span className="soft">{words.names[facet]}</span> <Shown text={value} /> <X aria-hidden />
          </button>
        </li>
      ))}
    </ul>
  );
}
