import { useQuery } from '@tanstack/react-query';
import type { RecordEntryPage } from '../../contracts/broker/admin-record.js';
import type { KnownPrincipalView } from '../../contracts/identity/principal.js';
import { call } from '../api/call.js';
import { useMay } from '../api/me.js';
import { Facts } from '../parts/facts.js';
import { Shown } from '../parts/said/shown.js';
import { Time, TimeAndAgo } from '../parts/said/time.js';
import { texts } from '../texts/en.js';

/** What a principal is, and since when. */
export function PrincipalFacts({ principal }: { readonly principal: KnownPrincipalView }) {
  const { id, kind, roles, provider, email, displayName, createdAt, signedInAt, disabledAt, name } = principal;
  const { principal: words, people } = texts;
  const decides = roles.includes('approver');
  return (
    <Facts
      rows={[
        [people.kind, kind],
        [people.roles, roles.length === 0 ? texts.common.none : roles.join(', ')],
        [words.broughtBy, provider === null ? words.broughtByOperator : people.fromProvider(provider)],
        [
          words.email,
          email === null ? null : (
            <>
              <Shown text={email} /> <span className="soft">{words.emailVerified}</span>
            </>
          ),
        ],
        [
          words.displayName,
          displayName === null ? null : (
            <>
              <Shown text={displayName} /> <span className="soft">{words.displayNameHint}</span>
            </>
          ),
        ],
        [words.made, <Time key="made" at={createdAt} />],
        [words.signedIn, signedInAt === null ? people.never : <TimeAndAgo key="signed-in" at={signedInAt} />],
        [words.decided, useMay('record.read') && decides ? <LastDecision key="decided" name={name} /> : null],
        [words.disabledAt, disabledAt === null ? null : <Time key="disabled" at={disabledAt} />],
        [words.id, <code key="id">{id}</code>],
      ]}
    />
  );
}

/** The administrative record knows when somebody has decided last. */
function LastDecision({ name }: { readonly name: string }) {
  const { data, error } = useQuery({
    queryKey: ['record', 'decision', name],
    queryFn: ({ signal }) =>
      call<RecordEntryPage>('/v1/record', { query: { act: 'approval.decided', principal: name, limit: 1 }, signal }),
  });
  if (error !== null) return texts.common.unknown;
  if (data === undefined) return texts.shell.loading;
  const [last] = data.items;
  return last === undefined ? texts.principal.undecided : <TimeAndAgo at={last.at} />;
}
