import { useEffect, useRef, useState } from 'react';
import { useKeys } from '../../keys/keys.js';
import { Button } from '../../parts/form/button.js';
import { Field } from '../../parts/form/field.js';
import { texts } from '../../texts/en.js';
import { useDraft } from './drafts.js';
import type { ActFormProps } from './approve-form.js';
import { useJustOpened } from './why-off.js';

const { approval } = texts;

/** The second act of denying: the reason, which the agent reads. */
export function DenyForm({ id, isOff, onClose, onDecide }: ActFormProps & { readonly id: string }) {
  const isNew = useJustOpened();
  const [reason, setReason] = useDraft(`${id} deny`, '');
  const [isTried, setTried] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    field.current?.focus();
  }, []);
  const isMissing = reason.trim() === '';
  const deny = () => {
    setTried(true);
    if (isMissing) field.current?.focus();
    else if (!isOff) onDecide({ decision: 'deny', reason: reason.trim() });
  };
  useKeys(approval.keys, [
    { key: 'Ctrl+Enter', label: approval.denyNow, run: deny, inFields: true },
    { key: 'Escape', label: approval.cancel, run: onClose, inFields: true },
  ]);
  return (
    <form
      className="act-form"
      onSubmit={(event) => {
        event.preventDefault(); // Enter alone decides nothing
      }}
    >
      <Field label={approval.denyReason} error={isTried && isMissing ? approval.reasonNeeded : undefined}>
        {(control) => (
          <input
            {...control}
            ref={field}
            value={reason}
            maxLength={1_000}
            onChange={(event) => setReason(event.target.value)}
          />
        )}
      </Field>
      <div className="presets" role="group" aria-label={approval.presets}>
        {approval.denyPresets.map((preset) => (
          <Button key={preset} onClick={() => setReason(preset)}>
            {preset}
          </Button>
        ))}
      </div>
      <div className="decide-acts">
        <Button look="main" disabled={isNew || isOff} onClick={deny}>
          {approval.denyNow} <kbd aria-hidden="true">{approval.ctrlEnter}</kbd>
        </Button>
        <Button onClick={onClose}>{approval.cancel}</Button>
      </div>
    </form>
  );
}
