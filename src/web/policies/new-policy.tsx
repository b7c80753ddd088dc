import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { ActDialog } from '../parts/dialog/act-dialog.js';
import { Field } from '../parts/form/field.js';
import { texts } from '../texts/en.js';

/** Asks for the name of a new policy, and goes where its text is written. */
export function NewPolicy({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) {
  const [name, setName] = useState('');
  const navigate = useNavigate();
  const { policies: words } = texts;
  return (
    <ActDialog
      title={words.addTitle}
      isOpen={isOpen}
      onClose={onClose}
      act={words.begin}
      onAct={() => void navigate({ to: '/policies/$name', params: { name: name.trim() } })}
      isPending={false}
      isReady={name.trim() !== ''}
    >
      <Field label={words.name} hint={words.nameHint}>
        {(control) => (
          <input {...control} spellCheck={false} value={name} onChange={(event) => setName(event.target.value)} />
        )}
      </Field>
    </ActDialog>
  );
}
