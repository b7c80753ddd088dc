import { Field } from '../../parts/form/field.js';
import { texts } from '../../texts/en.js';
import type { TrialDraft } from './trial-draft.js';

export interface TrialFieldsProps {
  readonly trial: TrialDraft;
  readonly change: (changed: Partial<TrialDraft>) => void;
  readonly faults: ReadonlyMap<string, string>;
}

export function StatementTrialFields({ trial, change, faults }: TrialFieldsProps) {
  const { policyPanels: words } = texts;
  return (
    <>
      <Field label={words.statement} error={faults.get('statement')}>
        {(control) => (
          <textarea
            {...control}
            spellCheck={false}
            value={trial.statement}
            onChange={(event) => change({ statement: event.target.value })}
          />
        )}
      </Field>
      <Field label={words.database} hint={words.databaseHint} error={faults.get('database')}>
        {(control) => (
          <input
            {...control}
            spellCheck={false}
            value={trial.database}
            onChange={(event) => change({ database: event.target.value })}
          />
        )}
      </Field>
      <label className="check-line">
        <input
          type="checkbox"
          checked={trial.inTransaction}
          onChange={(event) => change({ inTransaction: event.target.checked })}
        />
        {words.inTransaction}
      </label>
    </>
  );
}
