import './settings.css';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { IdentityProviderView } from '../../contracts/identity/identity-provider.js';
import { useMay } from '../api/me.js';
import { FailureNote } from '../parts/said/failure-note.js';
import { Loading } from '../parts/said/loading.js';
import { visibleName } from '../parts/said/visible-name.js';
import { texts } from '../texts/en.js';
import { DeleteProvider } from './delete-provider.js';
import { LastSignIns } from './last-sign-ins.js';
import { providerQuery } from './provider-query.js';
import { ProviderSettings } from './provider-settings.js';
import { ProviderState } from './provider-state.js';
import { SettingsFrame } from './settings-frame.js';

const route = getRouteApi('/settings/providers/$name');

export function ProviderPage() {
  const { name } = route.useParams();
  return (
    <SettingsFrame section={texts.provider.windowTitle(visibleName(name))}>
      <p>
        <Link to="/settings">{texts.provider.back}</Link>
      </p>
      <h2>{visibleName(name)}</h2>
      <ProviderByName name={name} />
    </SettingsFrame>
  );
}

function ProviderByName({ name }: { readonly name: string }) {
  const { data, error, refetch } = useQuery(providerQuery(name));
  if (data === undefined) {
    return error === null ? <Loading /> : <FailureNote error={error} onRetry={() => void refetch()} />;
  }
  return <Provider provider={data} />;
}

function Provider({ provider }: { readonly provider: IdentityProviderView }) {
  const mayReadRecord = useMay('record.read');
  const mayChange = useMay('provider.write');
  return (
    <>
      <ProviderState provider={provider} />
      {mayReadRecord ? <LastSignIns name={provider.name} /> : null}
      {mayChange ? <ProviderSettings provider={provider} /> : null}
      {mayChange ? <DeleteProvider provider={provider} /> : null}
    </>
  );
}
