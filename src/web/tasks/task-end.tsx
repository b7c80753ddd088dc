import { useQuery } from '@tanstack/react-query';
import { CircleCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import type { GrantDetailView } from '../../contracts/grants/grant.js';
import { useMay } from '../api/me.js';
import { FailureNote } from '../parts/said/failure-note.js';
import { Loading } from '../parts/said/loading.js';
import { Note } from '../parts/said/note.js';
import { Shown } from '../parts/said/shown.js';
import { Time } from '../parts/said/time.js';
import { texts } from '../texts/en.js';
import { entriesOfTypes, isOver } from './task-calls.js';

const words = texts.tasks.end;
const CHANGES_MS = 1_000;

/** How a task ended, with the proof that nothing of it is left on its target. */
export function TaskEnd({ grant }: { readonly grant: GrantDetailView }) {
  const mayRead = useMay('recording.read');
  const { state, closeReason, closedBy, closingAt, sealedAt, activeAt } = grant;
  if (closingAt === null) return <p>{words.running}</p>;
  return (
    <section>
      <h2>{words.title}</h2>
      <p>
        {closeReason === null ? null : texts.tasks.closeReasons[closeReason]}
        {closedBy === null ? null : (
          <>
            {' · '}
            <Shown text={closedBy} />
          </>
        )}
      </p>
      {state === 'closing' ? (
        <Note tone="hold" role="status">
          {words.closing}
        </Note>
      ) : null}
      <h3>{words.steps}</h3>
      <ol className="end-steps">
        <Step at={closingAt}>{words.stopped}</Step>
        {activeAt === null ? null : mayRead ? <TargetSteps grant={grant} /> : <li>{texts.tasks.forReviewers}</li>}
        {sealedAt === null ? null : <Step at={sealedAt}>{words.sealed}</Step>}
      </ol>
    </section>
  );
}

/** What the last entry of the recording says. */
function TargetSteps({ grant }: { readonly grant: GrantDetailView }) {
  const { data, error, refetch } = useQuery({
    ...entriesOfTypes(grant.id, 'grant.closing,grant.closed'),
    refetchInterval: isOver(grant) ? false : CHANGES_MS,
  });
  if (data === undefined) {
    return <li>{error === null ? <Loading /> : <FailureNote error={error} onRetry={() => void refetch()} />}</li>;
  }
  const closed = data.find(({ type }) => type === 'grant.closed');
  if (closed === undefined) return null;
  const body = Object(closed.raw['body'] ?? closed.raw);
  const threads: unknown = Reflect.get(body, 'threadsKilled');
  const xa: unknown = Reflect.get(body, 'xaRolledBack');
  const account: unknown = Reflect.get(Object(closed.raw['account']), 'state');
  return (
    <>
      {typeof threads === 'number' ? <Step>{words.threads(threads)}</Step> : null}
      {Array.isArray(xa) ? <Step>{words.xa(xa.length)}</Step> : null}
      <Step at={closed.at}>
        {words.account}: {words.accountStates[String(account)] ?? String(account)}
      </Step>
      {closed.raw['interrupted'] === true ? (
        <li>
          <Note tone="hold">{words.interrupted}</Note>
        </li>
      ) : null}
    </>
  );
}

function Step({ at, children }: { readonly at?: string; readonly children: ReactNode }) {
  return (
    <li>
      <CircleCheck aria-hidden /> <span>{children}</span> {at === undefined ? null : <Time at={at} />}
    </li>
  );
}
