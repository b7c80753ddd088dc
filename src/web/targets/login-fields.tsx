import { Field } from '../parts/form/field.js';
import { texts } from '../texts/en.js';
import type { FieldGroupProps } from './target-draft.js';
import { TextInput } from './text-input.js';

const MODES = ['dynamic', 'static'] as const;

/** How the broker logs in to a target. */
export function LoginFields({ draft, change, faults, isNew }: FieldGroupProps) {
  const { targetForm: words } = texts;
  return (
    <fieldset>
      <legend>{words.login}</legend>
      <TextInput
        label={words.username}
        error={faults.get('username')}
        value={draft.username}
        onChange={(username) => change({ username })}
      />
      <TextInput
        label={words.password}
        hint={isNew ? words.passwordHint : words.passwordKept}
        error={faults.get('password')}
        type="password"
        autoComplete="new-password"
        value={draft.password}
        onChange={(password) => change({ password })}
      />
      <div className="wide">
        <Field label={words.credentials} error={faults.get('credentials')}>
          {(control) => (
            <select
              {...control}
              value={draft.credentials}
              onChange={(event) => change({ credentials: event.target.value })}
            >
              {MODES.map((mode) => (
                <option key={mode} value={mode}>
                  {words.credentialsModes[mode]}
                </option>
              ))}
            </select>
          )}
        </Field>
      </div>
    </fieldset>
  );
}
