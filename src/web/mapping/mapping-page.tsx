import { useQuery } from '@tanstack/react-query';
import type { IdentityMappingView } from '../../contracts/identity/identity-mapping.js';
import { call } from '../api/call.js';
import { FailureNote } from '../parts/said/failure-note.js';
import { Loading } from '../parts/said/loading.js';
import { SettingsFrame } from '../settings/settings-frame.js';
import { texts } from '../texts/en.js';
import { Mapping } from './mapping.js';

export function MappingPage() {
  return (
    <SettingsFrame section={texts.settings.mapping}>
      <MappingInForce />
    </SettingsFrame>
  );
}

function MappingInForce() {
  const { data, error, refetch } = useQuery({
    queryKey: ['mapping'],
    queryFn: ({ signal }) => call<IdentityMappingView>('/v1/identity-mapping', { signal }),
  });
  if (data === undefined) {
    return error === null ? <Loading /> : <FailureNote error={error} onRetry={() => void refetch()} />;
  }
  return <Mapping inForce={data} />;
}
