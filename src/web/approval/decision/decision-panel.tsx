import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import type { ApprovalView } from '../../../contracts/approvals/approval.js';
import type { DecisionRequest } from '../../../contracts/approvals/decision.js';
import { isRefusal } from '../../api/failure.js';
import { takeAnswer } from '../../api/take-answer.js';
import { useKeys } from '../../keys/keys.js';
import { Button } from '../../parts/form/button.js';
import { FailureNote } from '../../parts/said/failure-note.js';
import { texts } from '../../texts/en.js';
import { approvalKey, sendDecision } from '../approval-query.js';
import { ApproveForm } from './approve-form.js';
import { CannotDecide } from './cannot-decide.js';
import { DenyForm } from './deny-form.js';
import { dropDrafts, useDraft } from './drafts.js';
import { OutcomePart } from './outcome-part.js';
import { type AnsweredView, useWhyOff } from './why-off.js';
import { WithdrawPart } from './withdraw-part.js';

const { approval } = texts;

export interface DecisionPanelProps extends AnsweredView {
  readonly nextId: string | undefined;
  /** The person has seen what came of the decision. */
  readonly onDecided: (view: ApprovalView) => void;
}

/** Where a person decides, in two acts; or why they cannot; or how it ended. */
export function DecisionPanel({ nextId, onDecided, ...answered }: DecisionPanelProps) {
  const { view } = answered;
  const canDecide = view.state === 'pending' && view.canDecide.allowed;
  return (
    <section className="decide" aria-label={approval.decision}>
      <h3 className="decide-title">{approval.decision}</h3>
      {view.state === 'pending' ? null : <OutcomePart view={view} />}
      {canDecide ? (
        <Deciding {...answered} onDecided={onDecided} />
      ) : view.state === 'pending' ? (
        <CannotDecide view={view} />
      ) : null}
      <WithdrawPart {...answered} />
      {canDecide ? null : <NextQuestion id={nextId} />}
    </section>
  );
}

function NextQuestion({ id }: { readonly id: string | undefined }) {
  if (id === undefined) return <p className="soft">{approval.noNext}</p>;
  return (
    <Link to="/approvals/$id" params={{ id }} className="button main">
      {approval.next}
    </Link>
  );
}

function Deciding({ onDecided, ...answered }: Omit<DecisionPanelProps, 'nextId'>) {
  const { view } = answered;
  const queries = useQueryClient();
  const [act, setAct] = useDraft<'none' | 'approve' | 'deny'>(`${view.id} act`, 'none');
  const key = useRef('');
  const whyOff = useWhyOff(answered);
  const decision = useMutation({
    mutationFn: (body: DecisionRequest) => sendDecision(view.id, body, (key.current ||= crypto.randomUUID())),
    onSuccess(decided) {
      takeAnswer(queries, approvalKey(view.id), decided);
      onDecided(decided);
      dropDrafts(view.id);
      setAct('none');
    },
    onError: () => void queries.invalidateQueries({ queryKey: approvalKey(view.id) }),
    onSettled(_, error) {
      // Refused or done, the next try is another act; without an answer it is the same one once more.
      if (error === null || isRefusal(error)) key.current = '';
    },
  });
  const open = (which: 'approve' | 'deny') => {
    key.current = '';
    decision.reset();
    setAct(which);
  };
  const isFirstOff = whyOff.first !== null || decision.isPending;
  const isOff = whyOff.second !== null || decision.isPending;
  useKeys(approval.keys, [
    { key: 'a', label: approval.approveOpen, run: () => open('approve') },
    { key: 'd', label: approval.denyOpen, run: () => open('deny') },
  ]);
  const close = () => setAct('none');
  const decide = (body: DecisionRequest) => decision.mutate({ ...body, revision: view.revision });
  return (
    <>
      {act === 'approve' ? <ApproveForm view={view} isOff={isOff} onClose={close} onDecide={decide} /> : null}
      {act === 'deny' ? <DenyForm id={view.id} isOff={isOff} onClose={close} onDecide={decide} /> : null}
      {act === 'none' ? (
        <div className="decide-acts">
          <Button disabled={isFirstOff} onClick={() => open('approve')}>
            {approval.approveOpen} <kbd aria-hidden="true">{approval.keyNames.approve}</kbd>
          </Button>
          <Button disabled={isFirstOff} onClick={() => open('deny')}>
            {approval.denyOpen} <kbd aria-hidden="true">{approval.keyNames.deny}</kbd>
          </Button>
        </div>
      ) : null}
      <p className="decide-off" role="status">
        {whyOff.second ?? ''}
      </p>
      {decision.isError ? <DecisionFailure key={decision.submittedAt} error={decision.error} /> : null}
    </>
  );
}

function DecisionFailure({ error }: { readonly error: unknown }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    box.current?.scrollIntoView({ block: 'nearest' }); // gives a promise in newer browsers, which is no clean-up
  }, []);
  return (
    <div ref={box}>
      <FailureNote error={error} />
    </div>
  );
}
