import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { DeviceView } from '../../contracts/sign-in/device.js';
import { call } from '../api/call.js';
import { useMe } from '../api/me.js';
import { Button } from '../parts/form/button.js';
import { Choices } from '../parts/form/choices.js';
import { Facts } from '../parts/facts.js';
import { FailureNote } from '../parts/said/failure-note.js';
import { Note } from '../parts/said/note.js';
import { Shown } from '../parts/said/shown.js';
import { Time, TimeAndAgo } from '../parts/said/time.js';
import { visibleName } from '../parts/said/visible-name.js';
import { texts } from '../texts/en.js';
import './device.css';

interface DeviceQuestionProps {
  readonly device: DeviceView;
  readonly path: string;
  /** Whether the person typed the code; one that a link brought has to be compared. */
  readonly isTyped: boolean;
  readonly onDecided: (decided: 'allow' | 'refuse') => void;
}

/** What asks to act as the person, from where, and the two answers. */
export function DeviceQuestion({ device, path, isTyped, onDecided }: DeviceQuestionProps) {
  const { principal, roles } = useMe();
  const [isCompared, setIsCompared] = useState(false);
  const decide = useMutation({
    mutationFn: async (decision: 'allow' | 'refuse') => {
      await call(path, { method: 'POST', body: { decision } });
      return decision;
    },
    onSuccess: onDecided,
  });
  const { device: words } = texts;
  const mustCompare = !isTyped || !device.isSameAddress;
  return (
    <>
      <p className="device-letters">
        <span className="soft">{words.code}</span> <strong>{device.code}</strong>
      </p>
      <DeviceFacts device={device} />
      <p>{words.acts(visibleName(principal.name), roles.join(', '))}</p>
      <p>{words.notHere}</p>
      {device.isSameAddress ? null : (
        <Note tone="deny">
          <p>
            <Shown text={words.other(device.address)} />
          </p>
        </Note>
      )}
      <Note tone="hold">
        <p>{words.warning}</p>
      </Note>
      {mustCompare ? (
        <Choices
          legend={words.confirm}
          choices={[{ value: 'compared', label: words.confirmed }]}
          chosen={isCompared ? ['compared'] : []}
          onChange={(chosen) => setIsCompared(chosen.length > 0)}
        />
      ) : null}
      {decide.isError ? <FailureNote error={decide.error} /> : null}
      <p className="device-answers">
        <Button
          look="main"
          disabled={decide.isPending || (mustCompare && !isCompared)}
          onClick={() => decide.mutate('allow')}
        >
          {words.allow}
        </Button>
        <Button disabled={decide.isPending} onClick={() => decide.mutate('refuse')}>
          {words.refuse}
        </Button>
      </p>
    </>
  );
}

function DeviceFacts({ device: { client, machine, address, askedAt, endsAt } }: { readonly device: DeviceView }) {
  const { device: words } = texts;
  return (
    <Facts
      rows={[
        [words.asks, client === null ? words.asksNothing : <Shown key="client" text={client} />],
        [words.machine, machine === null ? words.noMachine : <Shown key="machine" text={machine} />],
        [words.address, <Shown key="address" text={address} />],
        [words.asked, <TimeAndAgo key="asked" at={askedAt} />],
        [words.ends, <Time key="ends" at={endsAt} />],
      ]}
    />
  );
}
