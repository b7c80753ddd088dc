import type { QueryClient } from '@tanstack/react-query';
import { entryOfAddress } from './entries/entry-of-address.js';
import { marksQuery, PAGE_ENTRIES, pageQuery, recordingQuery } from './replay-calls.js';

/** Asks at once for all that a replay shows first, while its code is brought. */
export async function prefetchReplay(queries: QueryClient, grant: string): Promise<void> {
  await Promise.all([queries.prefetchQuery(marksQuery(grant)), prefetchEntries(queries, grant)]);
}

/** A recording that goes on is shown from its end, which nobody knows yet, unless the address names an entry. */
async function prefetchEntries(queries: QueryClient, grant: string): Promise<void> {
  await queries.prefetchQuery(recordingQuery(grant));
  const recording = queries.getQueryData(recordingQuery(grant).queryKey);
  const entry = entryOfAddress() ?? 1;
  if (recording === undefined || (recording.state === 'recording' && entry === 1)) return;
  await queries.prefetchQuery(pageQuery(grant, Math.floor((entry - 1) / PAGE_ENTRIES)));
}
