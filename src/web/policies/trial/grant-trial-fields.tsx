import { Field } from '../../parts/form/field.js';
import { texts } from '../../texts/en.js';
import type { TrialFieldsProps } from './statement-trial-fields.js';
import type { TrialDraft } from './trial-draft.js';

type TextField = 'ttlSeconds' | 'database' | 'privileges' | 'tables';

export function GrantTrialFields({ trial, change, faults }: TrialFieldsProps) {
  const { policyPanels: words } = texts;
  const fields: readonly (readonly [TextField, string, string | undefined, string])[] = [
    ['ttlSeconds', words.ttl, undefined, 'grantRequest.ttlSeconds'],
    ['database', words.grantDatabase, words.grantDatabaseHint, 'grantRequest.access'],
    ['tables', words.grantTables, words.grantTablesHint, 'grantRequest.access.0.tables'],
    ['privileges', words.grantPrivileges, words.grantPrivilegesHint, 'grantRequest.access.0.privileges'],
  ];
  return (
    <div className="field-pair">
      {fields.map(([name, label, hint, path]) => (
        <Field key={name} label={label} hint={hint} error={faults.get(path)}>
          {(control) => (
            <input
              {...control}
              spellCheck={false}
              inputMode={name === 'ttlSeconds' ? 'numeric' : 'text'}
              value={trial[name]}
              onChange={(event) => change(changed(name, event.target.value))}
            />
          )}
        </Field>
      ))}
    </div>
  );
}

function changed(name: TextField, value: string): Partial<TrialDraft> {
  return { [name]: value };
}
