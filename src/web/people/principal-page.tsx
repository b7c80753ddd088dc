import './people.css';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { KnownPrincipalView } from '../../contracts/identity/principal.js';
import { useMay } from '../api/me.js';
import { FailureNote } from '../parts/said/failure-note.js';
import { Loading } from '../parts/said/loading.js';
import { PageHead } from '../parts/page-head.js';
import { visibleName } from '../parts/said/visible-name.js';
import { Gate } from '../shell/gate.js';
import { texts } from '../texts/en.js';
import { AlikeNote } from './alike-note.js';
import { ApiKeys } from './api-keys.js';
import { Disabling } from './disabling.js';
import { GroupsPart } from './groups-part.js';
import { IdentitiesPart } from './identities-part.js';
import { PersonPart } from './person-part.js';
import { PrincipalFacts } from './principal-facts.js';
import { principalQuery } from './principal-query.js';
import { RecordPart } from './record-part.js';
import { Sessions } from './sessions.js';

const route = getRouteApi('/people/$name');

export function PrincipalPage() {
  return (
    <Gate title={texts.shell.people} permission="principal.read" roles={texts.people.taking}>
      <PrincipalByName />
    </Gate>
  );
}

function PrincipalByName() {
  const { name } = route.useParams();
  const { data, error, refetch } = useQuery(principalQuery(name));
  return (
    <>
      <PageHead title={visibleName(name)} windowTitle={texts.principal.windowTitle(visibleName(name))}>
        {data === undefined ? null : <Disabling principal={data} />}
      </PageHead>
      <p>
        <Link to="/people">{texts.principal.back}</Link>
      </p>
      {error === null ? null : <FailureNote error={error} onRetry={() => void refetch()} />}
      {data === undefined && error === null ? <Loading /> : null}
      {data === undefined ? null : <Principal principal={data} />}
    </>
  );
}

/** All that is known of a principal, and what can be done with it. */
function Principal({ principal }: { readonly principal: KnownPrincipalView }) {
  const { name } = principal;
  const base = `/v1/principals/${encodeURIComponent(name)}`;
  const [mayMake, mayRevoke] = [useMay('key.make'), useMay('principal.write')];
  const [maySee, mayEnd, mayReadRecord] = [useMay('session.read'), useMay('session.end'), useMay('record.read')];
  const { request } = route.useSearch();
  return (
    <>
      <AlikeNote principal={principal} />
      <PrincipalFacts principal={principal} />
      <GroupsPart principal={principal} />
      <PersonPart principal={principal} />
      <ApiKeys
        title={texts.apiKeys.title}
        owner={name}
        path={`${base}/keys`}
        request={request}
        mayMake={mayMake}
        mayRevoke={mayRevoke}
      />
      {maySee ? <Sessions title={texts.sessions.title} path={`${base}/sessions`} mayEnd={mayEnd} /> : null}
      <IdentitiesPart name={name} />
      {mayReadRecord ? <RecordPart name={name} /> : null}
    </>
  );
}
