import type { ApiKeyRequest } from '../../contracts/identity/principal.js';
import { fieldFaults } from '../api/field-faults.js';
import type { Permission } from '../api/me.js';
import { Choices } from '../parts/form/choices.js';
import { Field } from '../parts/form/field.js';
import { texts } from '../texts/en.js';
import { NameField } from './name-field.js';

const DAY_MS = 86_400_000;
const ENDS = ['never', '7', '30', '90', '365'] as const;

/** A key as it is filled in. */
export interface KeyDraft {
  readonly label: string;
  /** In so many days. */
  readonly ends: (typeof ENDS)[number];
  readonly width: 'all' | 'some';
  readonly scope: readonly Permission[];
  readonly request: string;
}

export function newKeyDraft(request = ''): KeyDraft {
  return { label: '', ends: '90', width: 'all', scope: [], request };
}

export function keyRequestOf({ label, ends, width, scope, request }: KeyDraft): ApiKeyRequest {
  return {
    ...(label.trim() === '' ? {} : { label: label.trim() }),
    ...(ends === 'never' ? {} : { expiresAt: new Date(Date.now() + Number(ends) * DAY_MS).toISOString() }),
    ...(width === 'all' ? {} : { scope: [...scope] }),
    ...(request.trim() === '' ? {} : { request: request.trim() }),
  };
}

export interface KeyFieldsProps {
  readonly draft: KeyDraft;
  readonly onChange: (draft: KeyDraft) => void;
  readonly error: unknown;
}

/** What may be said of a key before it is made. */
export function KeyFields({ draft, onChange, error }: KeyFieldsProps) {
  const change = (part: Partial<KeyDraft>) => onChange({ ...draft, ...part });
  const faults = fieldFaults(error);
  const { apiKeys: words, roles } = texts;
  return (
    <>
      <Field label={words.label} hint={words.labelHint} error={faults.get('label')}>
        {(control) => (
          <input {...control} value={draft.label} onChange={(event) => change({ label: event.target.value })} />
        )}
      </Field>
      <Field label={words.ends} error={faults.get('expiresAt')}>
        {(control) => (
          <select
            {...control}
            value={draft.ends}
            onChange={(event) => change({ ends: ENDS.find((one) => one === event.target.value) ?? '90' })}
          >
            {ENDS.map((days) => (
              <option key={days} value={days}>
                {words.endsIn[days]}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Choices
        legend={words.width}
        isOne
        choices={[
          { value: 'all', label: words.widthAll },
          { value: 'some', label: words.widthSome },
        ]}
        chosen={[draft.width]}
        onChange={([width = 'all']) => change({ width })}
      />
      {draft.width === 'all' ? null : (
        <div className="scope-list">
          <Choices
            legend={words.widthNone}
            choices={roles.permissions.map(([value, label]) => ({ value, label }))}
            chosen={draft.scope}
            onChange={(scope) => change({ scope })}
            error={faults.get('scope')}
          />
        </div>
      )}
      <details>
        <summary>{words.request}</summary>
        <p className="field-hint">{words.requestHint}</p>
        <NameField
          label={words.request}
          value={draft.request}
          onChange={(request) => change({ request })}
          error={faults.get('request')}
        />
      </details>
    </>
  );
}
