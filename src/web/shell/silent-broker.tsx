import { useQuery } from '@tanstack/react-query';
import { useSilentSince } from '../api/connection.js';
import { meQuery } from '../api/me.js';
import { Note } from '../parts/said/note.js';
import { clockText } from '../texts/format.js';
import { texts } from '../texts/en.js';

const ASK_AGAIN_MS = 3_000;

/** Says that the broker does not answer, and asks again until it does. */
export function SilentBroker() {
  const since = useSilentSince();
  useQuery({ ...meQuery, enabled: since !== undefined, refetchInterval: ASK_AGAIN_MS, staleTime: 0 });
  if (since === undefined) return null;
  return (
    <Note tone="hold" role="status">
      {texts.shell.silent(clockText(since))}
    </Note>
  );
}
