import { Field } from '../parts/form/field.js';
import { FilterSelect } from '../parts/list/filters.js';
import { localInput, timeOfInput } from '../parts/said/local-time.js';
import { texts } from '../texts/en.js';
import { type Facet, termsOf, withFacet, writtenTerms } from './search-terms.js';

const { search: words } = texts;

const TEXT_FACETS = ['agent', 'sponsor', 'target', 'table', 'kind', 'task', 'error', 'rows', 'took'] as const;
const HINTS: Readonly<Partial<Record<Facet, string>>> = words.hints;
const VERDICTS = Object.entries(words.verdicts).map(([, name]) => [name, name] as const);
const DECISIONS = Object.entries(words.decisions);

export interface FacetFieldsProps {
  readonly written: string;
  readonly onWrite: (written: string) => void;
}

/** A field for each facet of the box. */
export function FacetFields({ written, onWrite }: FacetFieldsProps) {
  const terms = termsOf(written);
  const change = (facet: Facet) => (value: string) => onWrite(writtenTerms(withFacet(terms, facet, value)));
  return (
    <div className="facet-fields">
      {TEXT_FACETS.map((facet) => (
        <Field key={facet} label={words.names[facet]} hint={HINTS[facet]}>
          {(control) => (
            <input
              {...control}
              value={terms.facets[facet] ?? ''}
              onChange={({ target }) => change(facet)(target.value)}
            />
          )}
        </Field>
      ))}
      <FilterSelect
        label={words.names.verdict}
        value={terms.facets.verdict ?? ''}
        options={VERDICTS}
        onChange={change('verdict')}
      />
      <FilterSelect
        label={words.names.decision}
        value={terms.facets.decision ?? ''}
        options={DECISIONS}
        onChange={change('decision')}
      />
      {(['from', 'to'] as const).map((facet) => (
        <Field key={facet} label={words.names[facet]} hint={words.hints.time}>
          {(control) => (
            <input
              {...control}
              type="datetime-local"
              value={localInput(terms.facets[facet])}
              onChange={({ target }) => change(facet)(timeOfInput(target.value))}
            />
          )}
        </Field>
      ))}
    </div>
  );
}
