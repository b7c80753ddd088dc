import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { RecordingView, VerificationView } from '../../../contracts/recordings/recording.js';
import { call } from '../../api/call.js';
import { Button } from '../../parts/form/button.js';
import { FailureNote } from '../../parts/said/failure-note.js';
import { Note } from '../../parts/said/note.js';
import { Shown } from '../../parts/said/shown.js';
import { TimeAndAgo } from '../../parts/said/time.js';
import { texts } from '../../texts/en.js';
import { recordingQuery } from '../replay-calls.js';
import { Broken, Damage } from '../statement/verdict-notes.js';
import { VerifyHere } from './verify-here.js';

const words = texts.replay.verify;

/** The broker's own verdict beside one that this browser comes to without it. */
export function Verification({ recording }: { readonly recording: RecordingView }) {
  if (recording.state !== 'sealed') return <Note>{words.notSealed}</Note>;
  return (
    <div className="verification">
      <ServerVerification recording={recording} />
      <VerifyHere recording={recording} />
    </div>
  );
}

function ServerVerification({ recording: { grantId, verification } }: { readonly recording: RecordingView }) {
  const client = useQueryClient();
  const verify = useMutation({
    mutationFn: () => call<VerificationView>(`/v1/recordings/${grantId}/verification`),
    onSuccess: () => client.invalidateQueries({ queryKey: recordingQuery(grantId).queryKey }),
  });
  return (
    <section className="verification-side">
      <h3>{words.server}</h3>
      {verification === null || verify.data !== undefined ? null : (
        <Note tone={verification.ok ? 'plain' : 'deny'}>
          <strong>{verification.ok ? words.heldBefore : words.brokenBefore}</strong> <TimeAndAgo at={verification.at} />
          , <Shown text={verification.by} />
        </Note>
      )}
      {verification === null && verify.data === undefined ? <p className="soft">{words.notYet}</p> : null}
      <div role="status">{verify.data === undefined ? null : <ServerVerdictNote verdict={verify.data} />}</div>
      {verify.isError ? <FailureNote error={verify.error} onRetry={() => verify.mutate()} /> : null}
      <Button disabled={verify.isPending} onClick={() => verify.mutate()}>
        {verify.isPending ? words.running : words.run}
      </Button>
    </section>
  );
}

function ServerVerdictNote({ verdict }: { readonly verdict: VerificationView }) {
  if (!verdict.ok) return <Broken where={verdict.problem.where} what={verdict.problem.what} />;
  const { entries, keyTrusted, bodiesUnchecked, damage } = verdict;
  return (
    <Note tone={keyTrusted && damage === null ? 'plain' : 'hold'}>
      <strong>✔ {words.holds(words.entries(entries))}</strong> {keyTrusted ? words.keyTrusted : words.keyUnknown}
      {bodiesUnchecked === undefined ? null : <p>{words.bodiesUnchecked(bodiesUnchecked)}</p>}
      {damage === null ? null : <Damage where={damage.where} what={damage.what} />}
    </Note>
  );
}
