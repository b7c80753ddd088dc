import { Link } from '@tanstack/react-router';
import type { TargetView } from '../../contracts/grants/target.js';
import { Facts } from '../parts/facts.js';
import { Note } from '../parts/said/note.js';
import { Section } from '../parts/section.js';
import { Shown } from '../parts/said/shown.js';
import { Time } from '../parts/said/time.js';
import { texts } from '../texts/en.js';
import { numberText } from '../texts/format.js';
import { TargetLabels } from './target-labels.js';
import { limitsOf } from './target-limits.js';
import { CredentialsMark, TlsMark } from './target-marks.js';

/** What is known of a target, without its password, which nobody can read. */
export function TargetFacts({ target }: { readonly target: TargetView }) {
  const { targets: words } = texts;
  const { labels, host, port, username, protocol, report, defaultDatabase, createdAt, openTasks, warnings } = target;
  return (
    <>
      {warnings.length === 0 ? null : (
        <Note tone="hold">
          <p>
            <strong>{words.warnings}</strong>
          </p>
          <ul>
            {warnings.map(({ code, text }) => (
              <li key={code}>{text}</li>
            ))}
          </ul>
        </Note>
      )}
      <Facts
        rows={[
          [words.environment, <TargetLabels key="labels" labels={labels} />],
          [words.address, <Shown key="host" text={`${host}:${port}`} />],
          [words.tls, <TlsMark key="tls" target={target} />],
          [words.account, <Shown key="account" text={username} />],
          [words.credentials, <CredentialsMark key="credentials" target={target} />],
          [words.protocol, protocol],
          [
            words.server,
            report === null ? (
              texts.common.unknown
            ) : (
              <Shown key="server" text={`${report.flavour} ${report.version}`} />
            ),
          ],
          [
            words.defaultDatabase,
            defaultDatabase === null ? words.noDefaultDatabase : <Shown key="database" text={defaultDatabase} />,
          ],
          [words.registered, <Time key="time" at={createdAt} />],
          [words.tasks, <OpenTasks key="tasks" count={openTasks} />],
        ]}
      />
      <TargetLimits target={target} />
    </>
  );
}

function OpenTasks({ count }: { readonly count: number }) {
  const { targets: words } = texts;
  return (
    <>
      {count > 1 ? words.openTasksMany(count) : words.openTasks(count)}{' '}
      {count === 0 ? null : <Link to="/tasks">{words.seeTasks}</Link>}
    </>
  );
}

function TargetLimits({ target }: { readonly target: TargetView }) {
  const { targets: words } = texts;
  const { ttlSecondsMax, sessionsMax, privileges, databases } = limitsOf(target);
  return (
    <Section title={words.limits}>
      <p className="soft">{words.limitsText}</p>
      <Facts
        rows={[
          [words.ttl, words.ttlSpan(ttlSecondsMax)],
          [words.sessions, numberText(sessionsMax)],
          [words.privileges, privileges.join(', ')],
          [
            words.databases,
            databases === undefined ? words.anyDatabase : <Shown key="databases" text={databases.join(', ')} />,
          ],
        ]}
      />
    </Section>
  );
}
