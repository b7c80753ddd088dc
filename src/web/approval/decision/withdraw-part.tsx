import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { takeAnswer } from '../../api/take-answer.js';
import { Button } from '../../parts/form/button.js';
import { Dialog } from '../../parts/dialog/dialog.js';
import { FailureNote } from '../../parts/said/failure-note.js';
import { Field } from '../../parts/form/field.js';
import { texts } from '../../texts/en.js';
import { approvalKey, sendWithdrawal } from '../approval-query.js';
import { type AnsweredView, useWhyOff } from './why-off.js';

const { approval } = texts;

/** An approver takes back what they gave, until it is used. */
export function WithdrawPart(answered: AnsweredView) {
  const { view } = answered;
  const [isOpen, setOpen] = useState(false);
  if (!view.canWithdraw.allowed) return null;
  return (
    <>
      <p>
        <Button onClick={() => setOpen(true)}>{approval.withdraw}</Button>
      </p>
      <Dialog title={approval.withdrawTitle} isOpen={isOpen} onClose={() => setOpen(false)}>
        <WithdrawForm {...answered} onClose={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

interface WithdrawFormProps extends AnsweredView {
  readonly onClose: () => void;
}

function WithdrawForm({ onClose, ...answered }: WithdrawFormProps) {
  const { view } = answered;
  const queries = useQueryClient();
  const [reason, setReason] = useState('');
  const [isTried, setTried] = useState(false);
  const { second: whyOff } = useWhyOff(answered);
  const withdrawal = useMutation({
    mutationFn: () => sendWithdrawal(view.id, { reason: reason.trim(), revision: view.revision }),
    onSuccess(withdrawn) {
      takeAnswer(queries, approvalKey(view.id), withdrawn);
      onClose();
    },
    onError: () => void queries.invalidateQueries({ queryKey: approvalKey(view.id) }),
  });
  const isOff = whyOff !== null || withdrawal.isPending;
  const send = () => {
    setTried(true);
    if (reason.trim() !== '' && !isOff) withdrawal.mutate();
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <p>{approval.withdrawHint}</p>
      <Field label={approval.denyReason} error={isTried && reason.trim() === '' ? approval.reasonNeeded : undefined}>
        {(control) => (
          <input {...control} value={reason} maxLength={1_000} onChange={(event) => setReason(event.target.value)} />
        )}
      </Field>
      <p role="status">{whyOff ?? ''}</p>
      {withdrawal.isError ? <FailureNote error={withdrawal.error} /> : null}
      <div className="dialog-acts">
        <Button onClick={onClose}>{approval.cancel}</Button>
        <Button look="main" disabled={isOff} onClick={send}>
          {approval.withdrawNow}
        </Button>
      </div>
    </form>
  );
}
