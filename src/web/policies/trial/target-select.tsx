import { useQuery } from '@tanstack/react-query';
import type { AnyTargetView } from '../../../contracts/grants/target.js';
import { call } from '../../api/call.js';
import { Field } from '../../parts/form/field.js';
import { texts } from '../../texts/en.js';

/** So many can be chosen from; of more, the newest. */
const TARGETS_MAX = 100;

export interface TargetSelectProps {
  readonly value: string;
  readonly onChange: (name: string) => void;
  /** What stands for none. */
  readonly none: string;
  readonly error?: string | undefined;
}

export function TargetSelect({ value, onChange, none, error }: TargetSelectProps) {
  const { data } = useQuery({
    queryKey: ['targets', 'names'],
    queryFn: ({ signal }) =>
      call<{ readonly items: readonly AnyTargetView[] }>('/v1/targets', { query: { limit: TARGETS_MAX }, signal }),
  });
  return (
    <Field label={texts.policyPanels.target} error={error}>
      {(control) => (
        <select {...control} value={value} onChange={(event) => onChange(event.target.value)}>
          <option value="">{none}</option>
          {(data?.items ?? []).map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
