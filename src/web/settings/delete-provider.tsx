import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { IdentityProviderView } from '../../contracts/identity-provider.js';
import { call } from '../api/call.js';
import { fieldFaults } from '../api/field-faults.js';
import { ActDialog } from '../parts/act-dialog.js';
import { Button } from '../parts/button.js';
import { Section } from '../parts/section.js';
import { visibleName } from '../parts/visible-name.js';
import { texts } from '../texts/en.js';
import { ReasonField } from './reason-field.js';

/** Deletes a provider over the revision that is shown, with a reason. */
export function DeleteProvider({ provider: { name, revision } }: { readonly provider: IdentityProviderView }) {
  const [isAsking, setAsking] = useState(false);
  const [reason, setReason] = useState('');
  const navigate = useNavigate();
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () =>
      call(`/v1/identity-providers/${encodeURIComponent(name)}`, { method: 'DELETE', query: { revision, reason } }),
    onSuccess: async () => {
      setAsking(false);
      await navigate({ to: '/settings' });
      queries.removeQueries({ queryKey: ['provider', name] });
      await queries.invalidateQueries({ queryKey: ['providers'] });
    },
  });
  const { provider: words } = texts;
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
