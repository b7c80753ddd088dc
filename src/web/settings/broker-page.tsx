import { useQuery } from '@tanstack/react-query';
import type { SettingsView } from '../../contracts/broker/setting.js';
import { call } from '../api/call.js';
import { useMay } from '../api/me.js';
import { Facts } from '../parts/facts.js';
import { FailureNote } from '../parts/said/failure-note.js';
import { Loading } from '../parts/said/loading.js';
import { Shown } from '../parts/said/shown.js';
import { texts } from '../texts/en.js';
import { EndEverybody } from './end-everybody.js';
import { EnvironmentPart } from './environment-part.js';
import { LimitsPart } from './limits-part.js';
import { SealKeys } from './seal-keys.js';
import { SettingsFrame } from './settings-frame.js';

export function BrokerPage() {
  return (
    <SettingsFrame section={texts.settings.broker}>
      <ThisBroker />
    </SettingsFrame>
  );
}

/** What the api runs with: version, sessions, keys, limits, and what its environment says. */
function ThisBroker() {
  const { data, error, refetch } = useQuery({
    queryKey: ['settings'],
    queryFn: ({ signal }) => call<SettingsView>('/v1/settings', { signal }),
  });
  const mayEnd = useMay('session.end');
  const { broker: words } = texts;
  if (data === undefined) {
    return error === null ? <Loading /> : <FailureNote error={error} onRetry={() => void refetch()} />;
  }
  const { version, node, publicUrl, settings, limits } = data;
  return (
    <>
      <Facts
        rows={[
          [words.version, version],
          [words.node, node],
          [words.publicUrl, publicUrl === null ? words.noPublicUrl : <Shown key="url" text={publicUrl} />],
        ]}
      />
      <p className="soft">{words.ofOneApi}</p>
      {mayEnd ? <EndEverybody settings={settings} /> : null}
      <SealKeys />
      <LimitsPart limits={limits} />
      <EnvironmentPart settings={settings} />
    </>
  );
}
