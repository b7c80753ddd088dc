import type { MeView } from '../../contracts/sign-in/session.js';
import { useMe } from '../api/me.js';
import { Facts } from '../parts/facts.js';
import { Shown } from '../parts/said/shown.js';
import { TimeAndAgo } from '../parts/said/time.js';
import { texts } from '../texts/en.js';
import { spanText } from '../texts/format.js';

export function WhoIAm() {
  const { principal, roles, groups, signIn, limits } = useMe();
  const { name, displayName, email } = principal;
  const { me: words } = texts;
  const { session } = limits;
  return (
    <Facts
      rows={[
        [words.name, <Shown key="name" text={name} />],
        [words.displayName, displayName === null ? null : <Shown key="display" text={displayName} />],
        [words.email, email === null ? null : <Shown key="email" text={email} />],
        [words.roles, roles.length === 0 ? texts.common.none : roles.join(', ')],
        [words.groups, groups.length === 0 ? words.noGroups : <Shown key="groups" text={groups.join(', ')} />],
        [words.signedInBy, signInWords(signIn)],
        [words.since, signIn.signedInAt === null ? null : <TimeAndAgo key="since" at={signIn.signedInAt} />],
        [
          words.sessionEnds,
          session === null
            ? null
            : words.sessionIdle(spanText(session.idleSeconds * 1_000), spanText(session.seconds * 1_000)),
        ],
      ]}
    />
  );
}

function signInWords({ by, key, provider }: MeView['signIn']): string {
  const { me: words } = texts;
  if (by === 'api-key') return words.byKey(key ?? '');
  if (by === 'token') return words.byToken(provider ?? '');
  const session = provider === null ? words.bySession.link : words.bySession.provider(provider);
  return by === 'device' ? words.byDevice(session) : session;
}
