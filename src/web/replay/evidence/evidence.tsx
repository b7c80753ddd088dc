import './evidence.css';
import '../../parts/facts.css';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { RecordingView } from '../../../contracts/recordings/recording.js';
import { call } from '../../api/call.js';
import { takeAnswer } from '../../api/take-answer.js';
import { Button } from '../../parts/form/button.js';
import { CopyButton } from '../../parts/form/copy-button.js';
import { FailureNote } from '../../parts/said/failure-note.js';
import { Shown } from '../../parts/said/shown.js';
import { Time } from '../../parts/said/time.js';
import { bytesText, numberText } from '../../texts/format.js';
import { texts } from '../../texts/en.js';
import { recordingQuery } from '../replay-calls.js';
import { fileAddress } from './recording-file.js';
import { Verification } from './verification.js';

const words = texts.replay.verify;

/** The seal, who has verified and read it, and how anybody does that without this page. */
export function Evidence({ recording }: { readonly recording: RecordingView }) {
  return (
    <div className="evidence">
      <Seal recording={recording} />
      <section id="verification" tabIndex={-1}>
        <h2>{words.title}</h2>
        <Verification recording={recording} />
      </section>
      {recording.state === 'sealed' ? <ByHand grant={recording.grantId} /> : null}
      <Reviews recording={recording} />
    </div>
  );
}

function Seal({ recording: { sealedAt, keyId, entries, bytes, sha256 } }: { readonly recording: RecordingView }) {
  if (sealedAt === null) return null;
  return (
    <section>
      <h2>{words.seal}</h2>
      <dl className="facts">
        <dt>{words.sealedAt}</dt>
        <dd>
          <Time at={sealedAt} />
        </dd>
        <dt>{words.keyId}</dt>
        <dd className="mono">{keyId}</dd>
        <dt>{texts.recordings.entries}</dt>
        <dd>{entries === null ? null : numberText(entries)}</dd>
        <dt>{words.fileBytes}</dt>
        <dd>{bytes === null ? null : bytesText(bytes)}</dd>
        <dt>{words.fileDigest}</dt>
        <dd className="mono digest">{sha256}</dd>
      </dl>
    </section>
  );
}

function ByHand({ grant }: { readonly grant: string }) {
  const command = words.command(grant);
  return (
    <section>
      <h2>{words.byHand}</h2>
      <p className="evidence-files">
        <a className="button" href={fileAddress(grant)} download={`${grant}.tar`}>
          {words.download}
        </a>
        <a className="button" href="/v1/keys" download="keys.json">
          {words.keysFile}
        </a>
      </p>
      <p>{words.byHandText}</p>
      <p className="evidence-command">
        <code>{command}</code> <CopyButton text={command} />
      </p>
    </section>
  );
}

function Reviews({ recording: { grantId, reviews, state } }: { readonly recording: RecordingView }) {
  const client = useQueryClient();
  const { reviewed } = texts.replay;
  const isYours = reviews.some((review) => review.isYours);
  const change = useMutation({
    mutationFn: () => call<RecordingView>(`/v1/recordings/${grantId}/review`, { method: isYours ? 'DELETE' : 'PUT' }),
    onSuccess: (recording) => takeAnswer(client, recordingQuery(grantId).queryKey, recording),
  });
  return (
    <section>
      <h2>{reviewed.title}</h2>
      {reviews.length === 0 ? (
        <p className="soft">{reviewed.nobody}</p>
      ) : (
        <ul className="plain-list">
          {reviews.map(({ principal, at, isYours: isOwn }) => (
            <li key={principal}>
              <Shown text={principal} /> {isOwn ? `(${reviewed.you})` : ''} · <Time at={at} />
            </li>
          ))}
        </ul>
      )}
      {change.isError ? <FailureNote error={change.error} /> : null}
      {state === 'sealed' ? (
        <p>
          <Button disabled={change.isPending} onClick={() => change.mutate()}>
            {isYours ? reviewed.unmark : reviewed.mark}
          </Button>
        </p>
      ) : null}
    </section>
  );
}
