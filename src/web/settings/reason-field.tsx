import { Field } from '../parts/form/field.js';
import { texts } from '../texts/en.js';

export interface ReasonFieldProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly error?: string | undefined;
}

/** Why something is changed. */
export function ReasonField({ value, onChange, error }: ReasonFieldProps) {
  return (
    <Field label={texts.common.reason} hint={texts.common.reasonHint} error={error}>
      {(control) => <input {...control} value={value} onChange={(event) => onChange(event.target.value)} />}
    </Field>
  );
}
