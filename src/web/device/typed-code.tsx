import { useState } from 'react';
import { Button } from '../parts/form/button.js';
import { Field } from '../parts/form/field.js';
import { texts } from '../texts/en.js';
import './device.css';

/** The field for the code of a command line. */
export function TypedCode({ onCode }: { readonly onCode: (code: string) => void }) {
  const [typed, setTyped] = useState('');
  const { device: words } = texts;
  return (
    <form
      className="device-code"
      onSubmit={(event) => {
        event.preventDefault();
        if (typed.trim() !== '') onCode(typed.trim());
      }}
    >
      <Field label={words.typed} hint={words.typedHint}>
        {(control) => (
          <input
            {...control}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            maxLength={40}
            autoComplete="off"
            autoCapitalize="characters"
            spellCheck={false}
          />
        )}
      </Field>
      <Button type="submit" look="main">
        {words.look}
      </Button>
    </form>
  );
}
