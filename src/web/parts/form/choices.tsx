import './choices.css';
import { useId, type ReactNode } from 'react';

export interface Choice<Value extends string> {
  readonly value: Value;
  readonly label: ReactNode;
}

export interface ChoicesProps<Value extends string> {
  readonly legend: string;
  readonly choices: readonly Choice<Value>[];
  readonly chosen: readonly Value[];
  readonly onChange: (chosen: readonly Value[]) => void;
  /** Whether only one can be chosen. */
  readonly isOne?: boolean;
  readonly error?: string | undefined;
}

/** Things of which several, or exactly one, are chosen. */
export function Choices<Value extends string>(props: ChoicesProps<Value>) {
  const { legend, choices, chosen, onChange, isOne = false, error } = props;
  const name = useId();
  const change = (value: Value, isChosen: boolean) => {
    if (isOne) return onChange([value]);
    onChange(choices.map((choice) => choice.value).filter((one) => (one === value ? isChosen : chosen.includes(one))));
  };
  return (
    <fieldset className="choices">
      <legend>{legend}</legend>
      {choices.map(({ value, label }) => (
        <label key={value} className="choice">
          <input
            type={isOne ? 'radio' : 'checkbox'}
            name={name}
            checked={chosen.includes(value)}
            onChange={(event) => change(value, event.target.checked)}
          />
          <span>{label}</span>
        </label>
      ))}
      {error === undefined ? null : (
        <p className="field-error" role="alert">
          {error}
        </p>
      )}
    </fieldset>
  );
}
