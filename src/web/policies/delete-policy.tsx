import { useState } from 'react';
import type { PolicyView } from '../../contracts/policies/policy.js';
import { fieldFaults } from '../api/field-faults.js';
import { ActDialog } from '../parts/dialog/act-dialog.js';
import { Field } from '../parts/form/field.js';
import { texts } from '../texts/en.js';
import { useDeletePolicy } from './policy-query.js';

export interface DeletePolicyProps {
  readonly policy: PolicyView;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onDeleted: () => void;
}

/** Asks why before a policy is deleted. */
export function DeletePolicy({ policy: { name, revision }, isOpen, onClose, onDeleted }: DeletePolicyProps) {
  const [reason, setReason] = useState('');
  const remove = useDeletePolicy(name, () => {
    onDeleted();
    onClose();
  });
  const { policies: words } = texts;
  return (
    <ActDialog
      title={words.removeTitle(name)}
      isOpen={isOpen}
      onClose={onClose}
      act={words.remove}
      onAct={() => remove.mutate({ revision, reason: reason.trim() })}
      isPending={remove.isPending}
      error={remove.error}
      isReady={reason.trim() !== ''}
    >
      <p>{words.removeText}</p>
      <Field label={words.reason} hint={words.reasonHint} error={fieldFaults(remove.error).get('reason')}>
        {(control) => <input {...control} value={reason} onChange={(event) => setReason(event.target.value)} />}
      </Field>
    </ActDialog>
  );
}
