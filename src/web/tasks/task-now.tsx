import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { GrantDetailView } from '../../contracts/grants/grant.js';
import { useMay } from '../api/me.js';
import { FailureNote } from '../parts/said/failure-note.js';
import { Loading } from '../parts/said/loading.js';
import { Shown } from '../parts/said/shown.js';
import { Table } from '../parts/list/table.js';
import { Time, TimeAndAgo } from '../parts/said/time.js';
import { texts } from '../texts/en.js';
import { openSessions, type OpenSession } from './open-sessions.js';
import { lastEntriesOf, entriesOfTypes, isOver } from './task-calls.js';

const words = texts.tasks.now;

/** What goes on in a task at this moment. */
export function TaskNow({ grant }: { readonly grant: GrantDetailView }) {
  const mayRead = useMay('recording.read');
  if (isOver(grant) || grant.state === 'closing') return <p>{words.notRunning}</p>;
  return (
    <>
      <section>
        <h2>{words.sessions}</h2>
        {grant.state === 'requested' ? (
          <p>{words.notYet}</p>
        ) : mayRead ? (
          <Sessions grant={grant.id} />
        ) : (
          <p>{texts.tasks.forReviewers}</p>
        )}
      </section>
      <section>
        <h2>{words.waiting}</h2>
        <Waiting grant={grant} />
      </section>
    </>
  );
}

const CHANGES_MS = 2_000;

function Sessions({ grant }: { readonly grant: string }) {
  const sessions = useQuery({ ...entriesOfTypes(grant, 'session.opened,session.closed'), refetchInterval: CHANGES_MS });
  const last = useQuery({ ...lastEntriesOf(grant), refetchInterval: CHANGES_MS });
  const failed = [sessions, last].find(({ data, error }) => data === undefined && error !== null);
  if (failed !== undefined) return <FailureNote error={failed.error} onRetry={() => void failed.refetch()} />;
  if (sessions.data === undefined || last.data === undefined) return <Loading />;
  const open = openSessions(sessions.data, last.data);
  if (open.length === 0) return <p>{words.noSessions}</p>;
  return (
    <Table
      caption={words.sessions}
      head={[words.session, words.client, words.tls, words.since, words.statement]}
      stacks
    >
      {open.map((session) => (
        <SessionRow key={session.session} grant={grant} open={session} />
      ))}
    </Table>
  );
}

function SessionRow({ grant, open }: { readonly grant: string; readonly open: OpenSession }) {
  const { session, client, tls, at, running } = open;
  return (
    <tr>
      <td data-label={words.session}>{texts.replay.session(session)}</td>
      <td data-label={words.client}>
        <Shown text={client} />
      </td>
      <td data-label={words.tls}>{tls === null ? words.noTls : <Shown text={tls} />}</td>
      <td data-label={words.since}>
        <Time at={at} />
      </td>
      <td data-label={words.statement}>
        {running === undefined ? (
          <span className="soft">{words.idle}</span>
        ) : (
          <>
            <Link to="/tasks/$grant" params={{ grant }} search={{ tab: 'timeline' }} hash={`e=${running.seq}`}>
              <Shown text={running.told?.title ?? texts.replay.entryNumber(running.seq)} />
            </Link>{' '}
            {running.verdict === 'hold' ? words.waits : words.runs} · <TimeAndAgo at={running.at} />
          </>
        )}
      </td>
    </tr>
  );
}

function Waiting({ grant: { waiting } }: { readonly grant: GrantDetailView }) {
  if (waiting.length === 0) return <p>{words.noneWaits}</p>;
  return (
    <Table caption={words.waiting} head={[words.question, words.since, words.until]} stacks>
      {waiting.map(({ id, statementKind, askedAt, expiresAt }) => (
        <tr key={id}>
          <td data-label={words.question}>
            <Link to="/approvals/$id" params={{ id }}>
              {statementKind === null ? words.wholeGrant : <Shown text={statementKind} />}
            </Link>
          </td>
          <td data-label={words.since}>
            <TimeAndAgo at={askedAt} />
          </td>
          <td data-label={words.until}>
            <TimeAndAgo at={expiresAt} />
          </td>
        </tr>
      ))}
    </Table>
  );
}
