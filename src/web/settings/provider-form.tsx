import './settings.css';
import type { ReactNode } from 'react';
import { Choices } from '../parts/form/choices.js';
import { Field } from '../parts/form/field.js';
import { texts } from '../texts/en.js';
import type { ProviderDraft } from './provider-draft.js';
import { FIELDS, type ProviderField } from './provider-fields.js';

export interface ProviderFormProps {
  readonly draft: ProviderDraft;
  readonly onChange: (draft: ProviderDraft) => void;
  readonly faults: ReadonlyMap<string, string>;
}

/** The settings of a provider, to be filled in. */
export function ProviderForm({ draft, onChange, faults }: ProviderFormProps) {
  const { kind, uses, values } = draft;
  const change = (name: string, value: string) => onChange({ ...draft, values: { ...values, [name]: value } });
  // What is about others only stays as it is stored.
  const isAsked = ({ use }: ProviderField) => use === undefined || uses.includes(use);
  const { settings, providerFields } = texts;
  return (
    <>
      {kind === 'saml' ? null : (
        <Choices
          legend={providerFields['for']?.label ?? ''}
          choices={[
            { value: 'people', label: settings.useNames.people },
            { value: 'agents', label: settings.useNames.agents },
          ]}
          chosen={uses}
          onChange={(chosen) => onChange({ ...draft, uses: chosen })}
          error={faults.get('for')}
        />
      )}
      {FIELDS[kind].filter(isAsked).map((field) => (
        <FormField
          key={field.name}
          kind={kind}
          field={field}
          value={values[field.name] ?? ''}
          onChange={(value) => change(field.name, value)}
          error={faults.get(field.name)}
        />
      ))}
    </>
  );
}

interface FormFieldProps {
  readonly kind: ProviderDraft['kind'];
  readonly field: ProviderField;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly error: string | undefined;
}

function FormField({ kind, field: { name, form }, value, onChange, error }: FormFieldProps): ReactNode {
  const { providerFields } = texts;
  const { label = name, hint } = providerFields[`${kind} ${name}`] ?? providerFields[name] ?? {};
  if (form === 'check') {
    return (
      <label className="check-field">
        <input
          type="checkbox"
          checked={value !== ''}
          onChange={(event) => onChange(event.target.checked ? 'yes' : '')}
        />
        {label}
      </label>
    );
  }
  return (
    <Field label={label} hint={form === 'secret' ? texts.provider.secretHint : hint} error={error}>
      {(control) =>
        ['area', 'lines', 'json', 'certificates'].includes(form) ? (
          <textarea
            {...control}
            rows={form === 'lines' ? 2 : 4}
            spellCheck={false}
            value={value}
            onChange={(event) => onChange(event.target.value)}
          />
        ) : (
          <input
            {...control}
            type={form === 'secret' ? 'password' : 'text'}
            inputMode={form === 'number' ? 'numeric' : undefined}
            autoComplete={form === 'secret' ? 'new-password' : 'off'}
            spellCheck={false}
            value={value}
            onChange={(event) => onChange(event.target.value)}
          />
        )
      }
    </Field>
  );
}
