import { useState, type ReactNode } from 'react';
import { fieldFaults } from '../api/field-faults.js';
import { Button } from '../parts/form/button.js';
import { texts } from '../texts/en.js';
import { GrantFields } from './grant-fields.js';
import { LoginFields } from './login-fields.js';
import { PlaceFields } from './place-fields.js';
import type { FieldGroupProps, TargetDraft } from './target-draft.js';
import { TargetFailure } from './target-failure.js';

export interface TargetFormProps {
  readonly initial: TargetDraft;
  /** Whether it is registered; otherwise it has its name, and its password may stay. */
  readonly isNew?: boolean;
  readonly act: string;
  readonly onSave: (draft: TargetDraft) => void;
  readonly onCancel: () => void;
  readonly isPending: boolean;
  readonly error: unknown;
  readonly children?: ReactNode;
}

/** All that an operator says of a target. What was typed stays, whatever the broker says to it. */
export function TargetForm({
  initial,
  isNew = false,
  act,
  onSave,
  onCancel,
  isPending,
  error,
  children,
}: TargetFormProps) {
  const [draft, setDraft] = useState(initial);
  const group: FieldGroupProps = {
    draft,
    change: (changed) => setDraft((before) => ({ ...before, ...changed })),
    faults: fieldFaults(error),
    isNew,
  };
  return (
    <form
      className="target-form"
      noValidate
      autoComplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isPending) onSave(draft);
      }}
    >
      <PlaceFields {...group} />
      <LoginFields {...group} />
      <GrantFields {...group} />
      {children}
      {error === null || error === undefined ? null : <TargetFailure error={error} />}
      <div className="form-acts">
        <Button type="submit" look="main" disabled={isPending}>
          {isPending ? texts.common.working : act}
        </Button>
        <Button onClick={onCancel} disabled={isPending}>
          {texts.targetForm.cancel}
        </Button>
      </div>
    </form>
  );
}
