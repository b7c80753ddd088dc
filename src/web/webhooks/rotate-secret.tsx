import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { NewWebhookView, WebhookView } from '../../contracts/channels/webhook.js';
import { call } from '../api/call.js';
import { fieldFaults } from '../api/field-faults.js';
import { ActDialog } from '../parts/dialog/act-dialog.js';
import { Field } from '../parts/form/field.js';
import { visibleName } from '../parts/said/visible-name.js';
import { ReasonField } from '../settings/reason-field.js';
import { texts } from '../texts/en.js';
import { SecretOnce } from './secret-once.js';
import { asksAgain, webhookPath } from './webhook-query.js';

const KEEPS = ['0', '1', '24', '168'] as const;
type Keep = (typeof KEEPS)[number];

export interface RotateSecretProps {
  readonly webhook: WebhookView;
  readonly onClose: () => void;
}

/** Gives a webhook a new secret and shows it once; the one before signs too for a while. */
export function RotateSecret({ webhook: { id, name }, onClose }: RotateSecretProps) {
  const [keep, setKeep] = useState<Keep>('24');
  const [reason, setReason] = useState('');
  const queries = useQueryClient();
  const rotate = useMutation({
    mutationFn: () =>
      call<NewWebhookView>(`${webhookPath(id)}/rotate-secret`, {
        method: 'POST',
        body: { keepHours: Number(keep), ...(reason === '' ? {} : { reason }) },
      }),
    gcTime: 0, // the secret stays nowhere
    onSuccess: () => asksAgain(queries),
  });
  const { webhook: words } = texts;
  if (rotate.data !== undefined) {
    return <SecretOnce name={rotate.data.name} secret={rotate.data.signingSecret} onClose={onClose} />;
  }
  return (
    <ActDialog
      title={words.rotateTitle(visibleName(name))}
      isOpen
      onClose={onClose}
      act={words.rotate}
      onAct={() => rotate.mutate()}
      isPending={rotate.isPending}
      error={rotate.error}
    >
      <p>{words.rotateText}</p>
      <Field label={words.keep}>
        {(control) => (
          <select
            {...control}
            value={keep}
            onChange={(event) => setKeep(KEEPS.find((one) => one === event.target.value) ?? '24')}
          >
            {KEEPS.map((hours) => (
              <option key={hours} value={hours}>
                {words.keeps[hours]}
              </option>
            ))}
          </select>
        )}
      </Field>
      <ReasonField value={reason} onChange={setReason} error={fieldFaults(rotate.error).get('reason')} />
    </ActDialog>
  );
}
