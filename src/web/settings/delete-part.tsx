import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { fieldFaults } from '../api/field-faults.js';
import { ActDialog } from '../parts/dialog/act-dialog.js';
import { Button } from '../parts/form/button.js';
import { Section } from '../parts/section.js';
import { visibleName } from '../parts/said/visible-name.js';
import { ReasonField } from './reason-field.js';

interface DeletePartProps {
  readonly name: string;
  readonly words: {
    readonly delete: string;
    readonly deleteText: string;
    readonly deleteTitle: (name: string) => string;
  };
  readonly onDelete: (reason: string) => Promise<unknown>;
  /** Leaves the page of what is gone, and has the lists asked again that had it. */
  readonly onDeleted: () => Promise<void>;
}

/** The part of a page where what it shows is deleted, with a reason. */
export function DeletePart({ name, words, onDelete, onDeleted }: DeletePartProps) {
  const [isAsking, setAsking] = useState(false);
  const [reason, setReason] = useState('');
  const remove = useMutation({
    mutationFn: () => onDelete(reason),
    onSuccess: async () => {
      setAsking(false);
      await onDeleted();
    },
  });
  return (
    <Section title={words.delete}>
      <p className="soft">{words.deleteText}</p>
      <Button onClick={() => setAsking(true)}>{words.delete}</Button>
      <ActDialog
        title={words.deleteTitle(visibleName(name))}
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        act={words.delete}
        onAct={() => remove.mutate()}
        isPending={remove.isPending}
        error={remove.error}
      >
        <p>{words.deleteText}</p>
        <ReasonField value={reason} onChange={setReason} error={fieldFaults(remove.error).get('reason')} />
      </ActDialog>
    </Section>
  );
}
