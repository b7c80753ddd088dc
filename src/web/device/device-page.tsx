import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { DeviceView } from '../../contracts/sign-in/device.js';
import { call } from '../api/call.js';
import { Button } from '../parts/form/button.js';
import { FailureNote } from '../parts/said/failure-note.js';
import { Loading } from '../parts/said/loading.js';
import { Note } from '../parts/said/note.js';
import { PageHead } from '../parts/page-head.js';
import { texts } from '../texts/en.js';
import { DeviceQuestion } from './device-question.js';
import { TypedCode } from './typed-code.js';

type Decided = 'allow' | 'refuse';

/** Where somebody lets their command line in: they type its code, or compare it with the one that a link brought. */
export function DevicePage() {
  const { code: brought } = useSearch({ from: '/device' });
  const [typed, setTyped] = useState<string>();
  const [decided, setDecided] = useState<Decided>();
  const [isFresh, setIsFresh] = useState(false);
  const { device: words } = texts;
  const code = typed ?? (isFresh ? undefined : brought);
  const again = () => {
    setTyped(undefined);
    setDecided(undefined);
    setIsFresh(true);
  };
  return (
    <>
      <PageHead title={words.title} />
      {decided !== undefined ? (
        <>
          <Note role="status">
            <p>{decided === 'allow' ? words.allowed : words.refused}</p>
          </Note>
          <p>
            <Button onClick={again}>{words.again}</Button>
          </p>
        </>
      ) : code === undefined ? (
        <TypedCode onCode={setTyped} />
      ) : (
        <Waiting code={code} isTyped={typed !== undefined} onDecided={setDecided} onAgain={again} />
      )}
    </>
  );
}

interface WaitingProps {
  readonly code: string;
  readonly isTyped: boolean;
  readonly onDecided: (decided: Decided) => void;
  readonly onAgain: () => void;
}

function Waiting({ code, isTyped, onDecided, onAgain }: WaitingProps) {
  const path = `/v1/me/devices/${encodeURIComponent(code)}`;
  const { data, error } = useQuery({
    queryKey: ['device', code],
    queryFn: ({ signal }) => call<DeviceView>(path, { signal }),
    staleTime: Infinity, // what is decided is what was shown
    gcTime: 0,
    retry: false,
  });
  if (error !== null) {
    return (
      <>
        <FailureNote error={error} />
        <p>
          <Button onClick={onAgain}>{texts.device.again}</Button>
        </p>
      </>
    );
  }
  if (data === undefined) return <Loading />;
  return <DeviceQuestion device={data} path={path} isTyped={isTyped} onDecided={onDecided} />;
}
