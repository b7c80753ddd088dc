import { Button } from '../parts/form/button.js';
import { Field } from '../parts/form/field.js';
import { NameField } from '../people/name-field.js';
import { texts } from '../texts/en.js';
import type { RuleDraft } from './rule-draft.js';

type Conditions = RuleDraft['conditions'];

export interface ConditionFieldsProps {
  readonly conditions: Conditions;
  readonly onChange: (conditions: Conditions) => void;
}

/** The claims that a rule wants, each with the values of which one must be there. */
export function ConditionFields({ conditions, onChange }: ConditionFieldsProps) {
  const { mapping: words } = texts;
  const change = (place: number, part: Partial<Conditions[number]>) =>
    onChange(conditions.map((condition, at) => (at === place ? { ...condition, ...part } : condition)));
  return (
    <fieldset className="choices">
      <legend>{words.conditions}</legend>
      {conditions.map(({ claim, values }, place) => (
        // Conditions have no name while they are typed.
        // oxlint-disable-next-line react/no-array-index-key
        <div key={place} className="rule-condition">
          <NameField label={words.claim} value={claim} onChange={(typed) => change(place, { claim: typed })} />
          <Field label={words.values} hint={words.valuesHint}>
            {(control) => (
              <textarea
                {...control}
                rows={2}
                spellCheck={false}
                value={values}
                onChange={(event) => change(place, { values: event.target.value })}
              />
            )}
          </Field>
          <Button onClick={() => onChange(conditions.filter((_, at) => at !== place))}>{words.removeCondition}</Button>
        </div>
      ))}
      <Button onClick={() => onChange([...conditions, { claim: '', values: '' }])}>{words.addCondition}</Button>
    </fieldset>
  );
}
