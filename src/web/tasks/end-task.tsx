import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import type { GrantDetailView } from '../../contracts/grants/grant.js';
import { call } from '../api/call.js';
import { useMay } from '../api/me.js';
import { Button } from '../parts/form/button.js';
import { Dialog } from '../parts/dialog/dialog.js';
import { FailureNote } from '../parts/said/failure-note.js';
import { Field } from '../parts/form/field.js';
import { texts } from '../texts/en.js';
import { grantQuery } from './task-calls.js';

const words = texts.tasks.end;

/** Ends a task for its agent: two acts, and a reason. Not there for those who may not, nor for one that is over. */
export function EndTask({ grant }: { readonly grant: GrantDetailView }) {
  const mayEnd = useMay('grant.revoke');
  const [isOpen, setOpen] = useState(false);
  if (!mayEnd || (grant.state !== 'active' && grant.state !== 'requested')) return null;
  return (
    <>
      <Button onClick={() => setOpen(true)}>{words.button}</Button>
      <Dialog title={words.question} isOpen={isOpen} onClose={() => setOpen(false)}>
        <EndForm id={grant.id} onClose={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function EndForm({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const client = useQueryClient();
  const [reason, setReason] = useState('');
  const [isMissing, setMissing] = useState(false);
  const end = useMutation({
    mutationFn: () => call(`/v1/grants/${id}/revoke`, { method: 'POST', body: { reason: reason.trim() } }),
    onSuccess: async () => {
      onClose();
      await client.invalidateQueries({ queryKey: grantQuery(id).queryKey });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setMissing(reason.trim() === '');
    if (reason.trim() !== '') end.mutate();
  };
  return (
    <form onSubmit={submit}>
      <p>{words.what}</p>
      <Field label={words.reason} hint={words.reasonHint} error={isMissing ? words.reasonMissing : undefined}>
        {(control) => (
          <input
            {...control}
            className="input"
            maxLength={1_000}
            value={reason}
            onChange={({ target: { value } }) => setReason(value)}
          />
        )}
      </Field>
      {end.isError ? <FailureNote error={end.error} /> : null}
      <div className="dialog-acts">
        <Button onClick={onClose}>{texts.common.cancel}</Button>
        <Button type="submit" look="main" disabled={end.isPending}>
          {end.isPending ? words.ending : words.confirm}
        </Button>
      </div>
    </form>
  );
}
