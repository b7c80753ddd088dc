import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { NewWebhookView, WebhookList } from '../../contracts/channels/webhook.js';
import { call } from '../api/call.js';
import { ActDialog } from '../parts/dialog/act-dialog.js';
import { texts } from '../texts/en.js';
import { SecretOnce } from './secret-once.js';
import { bodyOf, draftOf, isReady, WebhookFields } from './webhook-fields.js';
import { asksAgain } from './webhook-query.js';

/** Makes a webhook and shows its secret once. */
export function NewWebhook({ list, onClose }: { readonly list: WebhookList; readonly onClose: () => void }) {
  const [draft, setDraft] = useState(() => draftOf());
  const queries = useQueryClient();
  const make = useMutation({
    mutationFn: (body: object) => call<NewWebhookView>('/v1/webhooks', { method: 'POST', body }),
    gcTime: 0, // the secret stays nowhere
    onSuccess: () => asksAgain(queries),
  });
  const { webhooks: words } = texts;
  if (make.data !== undefined) {
    return <SecretOnce name={make.data.name} secret={make.data.signingSecret} onClose={onClose} />;
  }
  return (
    <ActDialog
      title={words.newTitle}
      isOpen
      onClose={onClose}
      act={words.make}
      onAct={() => make.mutate(bodyOf(draft))}
      isPending={make.isPending}
      error={make.error}
      isReady={isReady(draft)}
    >
      <WebhookFields draft={draft} onChange={setDraft} list={list} error={make.error} />
    </ActDialog>
  );
}
