import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { WebhookList, WebhookView } from '../../contracts/channels/webhook.js';
import { call } from '../api/call.js';
import { fieldFaults } from '../api/field-faults.js';
import { ActDialog } from '../parts/dialog/act-dialog.js';
import { Button } from '../parts/form/button.js';
import { FailureNote } from '../parts/said/failure-note.js';
import { visibleName } from '../parts/said/visible-name.js';
import { DeletePart } from '../settings/delete-part.js';
import { ReasonField } from '../settings/reason-field.js';
import { texts } from '../texts/en.js';
import { numberText } from '../texts/format.js';
import { RotateSecret } from './rotate-secret.js';
import { bodyOf, draftOf, isReady, WebhookFields } from './webhook-fields.js';
import { asksAgain, webhookPath } from './webhook-query.js';

interface WebhookActsProps {
  readonly webhook: WebhookView;
  readonly list: WebhookList;
}

/** What an operator can do with a webhook. */
export function WebhookActs({ webhook, list }: WebhookActsProps) {
  const [open, setOpen] = useState<'change' | 'pause' | 'rotate'>();
  const close = () => setOpen(undefined);
  const { webhook: words } = texts;
  const isPaused = webhook.state === 'paused';
  return (
    <>
      {isPaused ? null : <SendTest id={webhook.id} />}
      <Button onClick={() => setOpen('change')}>{words.change}</Button>
      <Button onClick={() => setOpen('pause')}>{isPaused ? words.resume : words.pause}</Button>
      <Button onClick={() => setOpen('rotate')}>{words.rotate}</Button>
      {open === 'change' ? <ChangeWebhook webhook={webhook} list={list} onClose={close} /> : null}
      {open === 'pause' ? <PauseWebhook webhook={webhook} onClose={close} /> : null}
      {open === 'rotate' ? <RotateSecret webhook={webhook} onClose={close} /> : null}
    </>
  );
}

function SendTest({ id }: { readonly id: string }) {
  const queries = useQueryClient();
  const test = useMutation({
    mutationFn: () => call(`${webhookPath(id)}/test`, { method: 'POST' }),
    onSuccess: () => asksAgain(queries),
  });
  const { webhook: words } = texts;
  return (
    <>
      <Button onClick={() => test.mutate()} disabled={test.isPending}>
        {words.test}
      </Button>
      <span role="status" className="hidden-visually">
        {test.isSuccess ? words.tested : ''}
      </span>
      {test.error === null ? null : <FailureNote error={test.error} />}
    </>
  );
}

interface DialogOfWebhookProps {
  readonly webhook: WebhookView;
  readonly onClose: () => void;
}

function ChangeWebhook({ webhook, list, onClose }: DialogOfWebhookProps & WebhookActsProps) {
  const [shown] = useState(webhook);
  const [draft, setDraft] = useState(() => draftOf(webhook));
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: (body: object) =>
      call(webhookPath(shown.id), { method: 'PATCH', body: { ...body, revision: shown.revision } }),
    onSuccess: async () => {
      await asksAgain(queries);
      onClose();
    },
  });
  const { webhook: words } = texts;
  return (
    <ActDialog
      title={words.changeTitle(visibleName(shown.name))}
      isOpen
      onClose={onClose}
      act={words.save}
      onAct={() => change.mutate(bodyOf(draft))}
      isPending={change.isPending}
      error={change.error}
      isReady={isReady(draft)}
    >
      <WebhookFields draft={draft} onChange={setDraft} list={list} error={change.error} />
    </ActDialog>
  );
}

function PauseWebhook({ webhook: { id, name, state, waiting }, onClose }: DialogOfWebhookProps) {
  const [isPaused] = useState(state === 'paused');
  const [reason, setReason] = useState('');
  const queries = useQueryClient();
  const pause = useMutation({
    mutationFn: () =>
      call(webhookPath(id), { method: 'PATCH', body: { paused: !isPaused, ...(reason === '' ? {} : { reason }) } }),
    onSuccess: async () => {
      await asksAgain(queries);
      onClose();
    },
  });
  const { webhook: words } = texts;
  return (
    <ActDialog
      title={isPaused ? words.resumeTitle(visibleName(name)) : words.pauseTitle(visibleName(name))}
      isOpen
      onClose={onClose}
      act={isPaused ? words.resume : words.pause}
      onAct={() => pause.mutate()}
      isPending={pause.isPending}
      error={pause.error}
    >
      <p>{isPaused ? words.resumeText(numberText(waiting)) : words.pauseText}</p>
      <ReasonField value={reason} onChange={setReason} error={fieldFaults(pause.error).get('reason')} />
    </ActDialog>
  );
}

/** Deletes a webhook, with a reason. */
export function DeleteWebhook({ webhook: { id, name } }: { readonly webhook: WebhookView }) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  return (
    <DeletePart
      name={name}
      words={texts.webhook}
      onDelete={(reason) => call(webhookPath(id), { method: 'DELETE', query: { reason } })}
      onDeleted={async () => {
        await navigate({ to: '/settings/webhooks' });
        await asksAgain(queries);
      }}
    />
  );
}
