import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { IdentityProviderView } from '../../contracts/identity/identity-provider.js';
import { call } from '../api/call.js';
import { fieldFaults } from '../api/field-faults.js';
import { isRefusal } from '../api/failure.js';
import { takeAnswer } from '../api/take-answer.js';
import { Button } from '../parts/form/button.js';
import { FailureNote } from '../parts/said/failure-note.js';
import { Note } from '../parts/said/note.js';
import { Section } from '../parts/section.js';
import { texts } from '../texts/en.js';
import { ProviderConflict } from './provider-conflict.js';
import { draftOf, readDraft } from './provider-draft.js';
import { ProviderForm } from './provider-form.js';
import { ReasonField } from './reason-field.js';

/** Changes a provider over the revision that was read; what somebody else stored meanwhile is shown beside it. */
export function ProviderSettings({ provider }: { readonly provider: IdentityProviderView }) {
  const [draft, setDraft] = useState(() => draftOf(provider));
  const [revision, setRevision] = useState(provider.revision);
  const [reason, setReason] = useState('');
  const queries = useQueryClient();
  const read = readDraft(draft);
  const save = useMutation({
    mutationFn: (body: object) =>
      call<IdentityProviderView>(`/v1/identity-providers/${encodeURIComponent(provider.name)}`, {
        method: 'PUT',
        body,
      }),
    onSuccess: async (stored) => {
      takeAnswer(queries, ['provider', stored.name], stored);
      take(stored);
      await queries.invalidateQueries({ queryKey: ['providers'] });
    },
    onError: async (error) => {
      if (isRefusal(error, 'provider_changed')) await queries.invalidateQueries({ queryKey: ['provider'] });
    },
  });
  const take = (stored: IdentityProviderView) => {
    setDraft(draftOf(stored));
    setRevision(stored.revision);
    setReason('');
  };
  const faults = 'faults' in read ? read.faults : fieldFaults(save.error);
  const isBehind = provider.revision !== revision;
  const { provider: words } = texts;
  return (
    <Section title={words.settings}>
      <form
        className="provider-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if ('body' in read) save.mutate({ ...read.body, revision, ...(reason === '' ? {} : { reason }) });
        }}
      >
        <ProviderForm draft={draft} onChange={setDraft} faults={faults} />
        <ReasonField value={reason} onChange={setReason} error={faults.get('reason')} />
        <p className="soft">{words.looksFirst}</p>
        {isBehind ? (
          <ProviderConflict
            stored={provider}
            draft={draft}
            onKeep={() => {
              setRevision(provider.revision);
              save.reset();
            }}
            onTake={() => {
              take(provider);
              save.reset();
            }}
          />
        ) : null}
        {save.error === null || isRefusal(save.error, 'provider_changed') ? null : <FailureNote error={save.error} />}
        {save.isSuccess && !isBehind ? (
          <Note role="status">
            <p>{words.saved}</p>
          </Note>
        ) : null}
        <div className="form-acts">
          <Button type="submit" look="main" disabled={save.isPending || isBehind || 'faults' in read}>
            {save.isPending ? texts.common.working : words.save}
          </Button>
        </div>
      </form>
    </Section>
  );
}
