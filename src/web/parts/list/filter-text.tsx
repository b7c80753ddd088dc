import { useEffect, useRef, useState } from 'react';
import { Field } from '../form/field.js';

const WAIT_MS = 300;

export interface FilterTextProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly type?: 'search' | 'datetime-local';
}

/** A field by which a list is narrowed: what is typed counts when the typing pauses. */
export function FilterText({ label, value, onChange, type = 'search' }: FilterTextProps) {
  const [typed, setTyped] = useState(value);
  const told = useRef(value);
  const tell = useRef(onChange);
  useEffect(() => void (tell.current = onChange));
  useEffect(() => {
    if (value === told.current) return;
    told.current = value; // somebody else has changed it, such as the browser's way back
    setTyped(value);
  }, [value]);
  useEffect(() => {
    if (typed === told.current) return undefined;
    const timer = setTimeout(() => {
      told.current = typed;
      tell.current(typed);
    }, WAIT_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <Field label={label}>
      {(control) => <input {...control} type={type} value={typed} onChange={(event) => setTyped(event.target.value)} />}
    </Field>
  );
}
