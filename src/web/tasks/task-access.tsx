import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { GrantDetailView } from '../../contracts/grants/grant.js';
import { useMay } from '../api/me.js';
import { FailureNote } from '../parts/said/failure-note.js';
import { Loading } from '../parts/said/loading.js';
import { Shown } from '../parts/said/shown.js';
import { Table } from '../parts/list/table.js';
import { Time } from '../parts/said/time.js';
import { texts } from '../texts/en.js';
import { CHANGES_MS, entriesOfTypes, isOver } from './task-calls.js';

const { tasks } = texts;
const words = tasks.access;

/** What a task may do: what it was given for its whole time, what its statements meet, what single ones were given. */
export function TaskAccess({ grant }: { readonly grant: GrantDetailView }) {
  const mayRead = useMay('recording.read');
  const { access, outlook, onHold, activeAt } = grant;
  return (
    <>
      <section>
        <h2>{words.asked}</h2>
        <Table caption={words.asked} head={[words.database, words.tables, words.privileges]} stacks>
          {access.map((rule) => (
            <tr key={JSON.stringify(rule)}>
              <td data-label={words.database}>
                <Shown text={textOf(fieldOf(rule, 'database')) ?? JSON.stringify(rule)} />
              </td>
              <td data-label={words.tables}>
                {fieldOf(rule, 'tables') === undefined ? (
                  words.allTables
                ) : (
                  <Shown text={textOf(fieldOf(rule, 'tables')) ?? ''} />
                )}
              </td>
              <td data-label={words.privileges}>
                <Shown text={textOf(fieldOf(rule, 'privileges')) ?? ''} />
              </td>
            </tr>
          ))}
        </Table>
      </section>
      {outlook === null ? null : (
        <section>
          <h2>{words.outlook}</h2>
          <p>
            <Shown text={outlook.words} lines />
          </p>
          <p className="soft">{words.hold[onHold]}</p>
        </section>
      )}
      <section>
        <h2>{words.windows}</h2>
        {!mayRead ? (
          <p>{tasks.forReviewers}</p>
        ) : activeAt === null ? (
          <p>{words.noWindows}</p>
        ) : (
          <Windows grant={grant} />
        )}
      </section>
    </>
  );
}

function Windows({ grant }: { readonly grant: GrantDetailView }) {
  const { data, error, refetch } = useQuery({
    ...entriesOfTypes(grant.id, 'forwarded'),
    refetchInterval: isOver(grant) ? false : CHANGES_MS,
  });
  if (data === undefined) {
    return error === null ? <Loading /> : <FailureNote error={error} onRetry={() => void refetch()} />;
  }
  const given = data.flatMap((line) => {
    const list = textOf(line.raw['given']);
    return list === undefined || list === '' ? [] : [{ line, list }];
  });
  if (given.length === 0) return <p>{words.noWindows}</p>;
  return (
    <Table caption={words.windows} head={[words.at, words.statement, words.given]} stacks>
      {given.map(({ line: { seq, at }, list }) => (
        <tr key={seq}>
          <td data-label={words.at}>
            <Time at={at} />
          </td>
          <td data-label={words.statement}>
            <Link to="/tasks/$grant" params={{ grant: grant.id }} search={{ tab: 'timeline' }} hash={`e=${seq}`}>
              {words.entry(seq)}
            </Link>
          </td>
          <td data-label={words.given} className="mono">
            <Shown text={list} />
          </td>
        </tr>
      ))}
    </Table>
  );
}

function fieldOf(rule: object, field: string): unknown {
  return Reflect.get(rule, field);
}

/** A text, or a list of texts, of a protocol's own value. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return Array.isArray(value) ? value.map(String).join(', ') : undefined;
}
