import '../../parts/facts.css';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useReducer, useRef } from 'react';
import type { RecordingView } from '../../../contracts/recordings/recording.js';
import type { KeySetView } from '../../../contracts/recordings/key.js';
import type { Verdict } from '../../../verifier/verdict.js';
import { call } from '../../api/call.js';
import { Button } from '../../parts/form/button.js';
import { FailureNote } from '../../parts/said/failure-note.js';
import { Note } from '../../parts/said/note.js';
import { bytesText } from '../../texts/format.js';
import { texts } from '../../texts/en.js';
import { fetchFile, sha256Of } from './recording-file.js';
import { Broken, Damage } from '../statement/verdict-notes.js';

const words = texts.replay.verify;

type Step =
  | { readonly at: 'start' }
  | { readonly at: 'fetching'; readonly percent: number }
  | { readonly at: 'here'; readonly file: Blob }
  | { readonly at: 'checking'; readonly file: Blob; readonly percent: number }
  | { readonly at: 'done'; readonly file: Blob; readonly verdict: Verdict; readonly sha256: string }
  | { readonly at: 'failed'; readonly error: unknown };

/** Fetches the sealed file into the page and checks it there, without asking the broker anything more. */
export function VerifyHere({ recording }: { readonly recording: RecordingView }) {
  const { grantId, bytes } = recording;
  const [step, tell] = useReducer((_: Step, next: Step) => next, { at: 'start' });
  const keys = useQuery({
    queryKey: ['keys'],
    queryFn: ({ signal }) => call<KeySetView>('/v1/keys', { signal }),
    staleTime: 60_000,
  });
  const ending = useRef<AbortController>(undefined);
  useEffect(() => () => ending.current?.abort(), []);

  const attempt = (act: (signal: AbortSignal) => Promise<void>) => {
    ending.current?.abort();
    const own = new AbortController();
    ending.current = own;
    act(own.signal).catch((error: unknown) => {
      if (!own.signal.aborted) tell({ at: 'failed', error });
    });
  };
  const bring = () =>
    attempt(async (signal) => {
      tell({ at: 'fetching', percent: 0 });
      const { prepareVerifier } = await import('./verify-in-worker.js');
      await prepareVerifier();
      const file = await fetchFile(grantId, (percent) => tell({ at: 'fetching', percent }), signal);
      tell({ at: 'here', file });
    });
  const check = (file: Blob) =>
    attempt(async (signal) => {
      tell({ at: 'checking', file, percent: 0 });
      const { verifyInWorker } = await import('./verify-in-worker.js');
      const verdict = await verifyInWorker(file, {
        grant: grantId,
        ...(keys.data === undefined ? {} : { keys: keys.data.keys }),
        onProgress: ({ doneBytes, totalBytes }) =>
          tell({ at: 'checking', file, percent: percentOf(doneBytes, totalBytes) }),
        signal,
      });
      tell({ at: 'done', file, verdict, sha256: await sha256Of(file) });
    });

  return (
    <section className="verification-side">
      <h3>{words.browser}</h3>
      <p className="soft">{words.here}</p>
      <div role="status">
        {step.at === 'fetching' ? <p>{words.fetching(step.percent)}</p> : null}
        {step.at === 'here' ? <p>{words.fetched(bytesText(step.file.size))}</p> : null}
        {step.at === 'checking' ? <p>{words.progress(step.percent)}</p> : null}
        {step.at === 'done' ? <VerdictNote {...step} recording={recording} /> : null}
      </div>
      {step.at === 'failed' ? <Failed error={step.error} /> : null}
      <div className="verification-acts">
        {'file' in step ? (
          <Button look="main" disabled={step.at === 'checking'} onClick={() => check(step.file)}>
            {words.runHere}
          </Button>
        ) : (
          <Button disabled={step.at === 'fetching'} onClick={bring}>
            {words.fetch(bytesText(bytes ?? 0))}
          </Button>
        )}
      </div>
      <label className="verification-own">
        {words.ownFile}{' '}
        <input
          type="file"
          accept=".tar"
          onChange={({ target: { files } }) => {
            const [file] = files ?? [];
            if (file !== undefined) check(file);
          }}
        />
      </label>
    </section>
  );
}

function Failed({ error }: { readonly error: unknown }) {
  const isOurs = error instanceof Error && error.name !== 'Refusal' && error.name !== 'NoAnswer';
  if (!isOurs) return <FailureNote error={error} />;
  return (
    <Note tone="deny" role="alert">
      <strong>{words.noWorker}</strong>
      <p className="note-code">{error.message}</p>
    </Note>
  );
}

interface VerdictNoteProps {
  readonly verdict: Verdict;
  readonly sha256: string;
  readonly recording: RecordingView;
}

function VerdictNote({ verdict, sha256, recording }: VerdictNoteProps) {
  return (
    <>
      {verdict.ok ? (
        <Note tone={verdict.keyTrusted && verdict.damage === null ? 'plain' : 'hold'}>
          <strong>✔ {words.holds(words.entries(verdict.entries))}</strong>{' '}
          {verdict.keyTrusted ? words.keyTrusted : words.keyUnknown}
          {verdict.damage === null ? null : <Damage where={verdict.damage.where} what={verdict.damage.what} />}
        </Note>
      ) : (
        <Broken where={verdict.problem.where} what={verdict.problem.what} />
      )}
      <dl className="facts">
        <dt>{words.digest}</dt>
        <dd>
          <span className="mono digest">{sha256}</span>
          <br />
          {sha256 === recording.sha256 ? `✔ ${words.sameDigest}` : `✘ ${words.otherDigest}`}
        </dd>
        <dt>{words.checked}</dt>
        <dd>{verdict.checked.map((check) => words.checks[check]).join(', ')}</dd>
        <dt>{words.notChecked}</dt>
        <dd>{verdict.notChecked.map((check) => words.unchecked[check]).join(', ')}</dd>
      </dl>
    </>
  );
}

function percentOf(done: number, total: number): number {
  return total === 0 ? 0 : Math.min(100, Math.floor((done / total) * 100));
}
