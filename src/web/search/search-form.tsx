import { Search } from 'lucide-react';
import { useState, type FormEvent, type RefObject } from 'react';
import { Button } from '../parts/form/button.js';
import { Field } from '../parts/form/field.js';
import { texts } from '../texts/en.js';
import { FacetFields } from './facet-fields.js';

const { search: words } = texts;

export interface SearchFormProps {
  /** What is searched for now. */
  readonly written: string;
  readonly onSearch: (written: string) => void;
  readonly box: RefObject<HTMLInputElement | null>;
}

/** One box for everything, and fields that write facets into it. Nothing is searched before it is sent: a search is recorded. */
export function SearchForm({ written, onSearch, box }: SearchFormProps) {
  const [draft, setDraft] = useState(written);
  const [drawnFrom, setDrawnFrom] = useState(written);
  if (drawnFrom !== written) {
    setDrawnFrom(written); // somebody else has changed it, such as a chip or the browser's way back
    setDraft(written);
  }
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSearch(draft);
  };
  return (
    <search>
      <form className="search-form" onSubmit={submit}>
        <div className="search-line">
          <Field label={words.box} hint={words.boxHint}>
            {(control) => (
              <input
                {...control}
                ref={box}
                type="search"
                maxLength={2_000}
                spellCheck={false}
                autoCapitalize="off"
                value={draft}
                onChange={({ target }) => setDraft(target.value)}
              />
            )}
          </Field>
          <Button type="submit" look="main" icon={<Search aria-hidden />}>
            {words.button}
          </Button>
        </div>
        <details className="search-facets">
          <summary>{words.facets}</summary>
          <p className="soft">{words.facetsHint}</p>
          <FacetFields written={draft} onWrite={setDraft} />
        </details>
      </form>
    </search>
  );
}
