import { Field } from '../parts/form/field.js';
import { texts } from '../texts/en.js';
import type { FieldGroupProps } from './target-draft.js';
import { TextInput } from './text-input.js';

/** What grants on a target may have at most, and what policies know of it. */
export function GrantFields({ draft, change, faults }: FieldGroupProps) {
  const { targetForm: words } = texts;
  return (
    <fieldset>
      <legend>{words.grants}</legend>
      <TextInput
        label={words.ttl}
        error={faults.get('limits.ttlSecondsMax')}
        inputMode="numeric"
        value={draft.ttlSecondsMax}
        onChange={(ttlSecondsMax) => change({ ttlSecondsMax })}
      />
      <TextInput
        label={words.sessions}
        error={faults.get('limits.sessionsMax')}
        inputMode="numeric"
        value={draft.sessionsMax}
        onChange={(sessionsMax) => change({ sessionsMax })}
      />
      <TextInput
        label={words.privileges}
        hint={words.privilegesHint}
        error={faults.get('limits.privileges')}
        value={draft.privileges}
        onChange={(privileges) => change({ privileges })}
      />
      <TextInput
        label={words.databases}
        hint={words.databasesHint}
        error={faults.get('limits.databases')}
        value={draft.databases}
        onChange={(databases) => change({ databases })}
      />
      <TextInput
        label={words.defaultDatabase}
        hint={words.defaultDatabaseHint}
        error={faults.get('defaultDatabase')}
        value={draft.defaultDatabase}
        onChange={(defaultDatabase) => change({ defaultDatabase })}
      />
      <Field label={words.labels} hint={words.labelsHint} error={faults.get('labels')}>
        {(control) => (
          <textarea
            {...control}
            spellCheck={false}
            value={draft.labels}
            onChange={(event) => change({ labels: event.target.value })}
          />
        )}
      </Field>
    </fieldset>
  );
}
