import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { IdentityMappingView } from '../../contracts/identity/identity-mapping.js';
import { call } from '../api/call.js';
import { fieldFaults } from '../api/field-faults.js';
import { isRefusal } from '../api/failure.js';
import { takeAnswer } from '../api/take-answer.js';
import { ActDialog } from '../parts/dialog/act-dialog.js';
import { ReasonField } from '../settings/reason-field.js';
import { texts } from '../texts/en.js';
import type { MappingRule } from './rule-draft.js';

export interface SaveMappingProps {
  readonly rules: readonly MappingRule[];
  /** The one that the rules were made from. */
  readonly revision: number;
  readonly onSaved: (stored: IdentityMappingView) => void;
  readonly onClose: () => void;
}

/** Puts the rules into force, with a reason. */
export function SaveMapping({ rules, revision, onSaved, onClose }: SaveMappingProps) {
  const [reason, setReason] = useState('');
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: () =>
      call<IdentityMappingView>('/v1/identity-mapping', {
        method: 'PUT',
        body: { rules, revision, ...(reason.trim() === '' ? {} : { reason }) },
      }),
    onSuccess: async (stored) => {
      takeAnswer(queries, ['mapping'], stored);
      onSaved(stored);
      await queries.invalidateQueries({ queryKey: ['mapping-versions'] });
    },
    onError: async (error) => {
      if (!isRefusal(error, 'mapping_changed')) return;
      onClose(); // the page shows both
      await queries.invalidateQueries({ queryKey: ['mapping'] });
    },
  });
  const { mapping: words } = texts;
  return (
    <ActDialog
      title={words.saveTitle}
      isOpen
      onClose={onClose}
      act={words.save}
      onAct={() => save.mutate()}
      isPending={save.isPending}
      error={save.error}
    >
      <p>{words.saveText}</p>
      <ReasonField value={reason} onChange={setReason} error={fieldFaults(save.error).get('reason')} />
    </ActDialog>
  );
}
