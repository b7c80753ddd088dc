import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { RecordedResultView, RecordedStatementView } from '../../contracts/recordings/recorded-statement.js';
import type { EntriesPage, RecordingView } from '../../contracts/recordings/recording.js';
import type { RecordingMarks } from '../../contracts/recordings/recording-marks.js';
import { call, type Query } from '../api/call.js';
import { entryLines, type EntryLine } from './entries/entry-line.js';

/** Entries that are read at a time. */
export const PAGE_ENTRIES = 500;
const KEPT_MS = 120_000;
/** A call looks through a bounded number of entries: so many calls at most make one page. */
const CALLS_MAX = 50;

export const recordingQuery = (grant: string) =>
  queryOptions({
    queryKey: ['recording', grant],
    queryFn: ({ signal }) => call<RecordingView>(`/v1/recordings/${grant}`, { signal }),
  });

export const marksQuery = (grant: string) =>
  queryOptions({
    queryKey: ['recording', grant, 'marks'],
    queryFn: ({ signal }) => call<RecordingMarks>(`/v1/recordings/${grant}/marks`, { signal }),
    staleTime: 60_000,
    placeholderData: keepPreviousData,
  });

/** Of all lists that filters have found in the recording. */
export function foundKey(grant: string): readonly string[] {
  return ['recording', grant, 'found'];
}

/** The entries `500 × page + 1` to `500 × (page + 1)`, as far as there are any. */
export const pageQuery = (grant: string, page: number) =>
  queryOptions({
    queryKey: ['recording', grant, 'page', page],
    queryFn: ({ signal }) => readPage(grant, page, signal),
    staleTime: Infinity, // entries never change; a recording that goes on tells of new ones
    gcTime: KEPT_MS,
  });

export const statementQuery = (grant: string, operation: number) =>
  queryOptions({
    queryKey: ['recording', grant, 'statement', operation],
    queryFn: ({ signal }) => call<RecordedStatementView>(`/v1/recordings/${grant}/statements/${operation}`, { signal }),
    staleTime: ({ state: { data } }) => (data === undefined || data.result === null ? 1_000 : Infinity),
    gcTime: KEPT_MS,
  });

export interface ResultPlace {
  readonly grant: string;
  readonly operation: number;
  /** Of the results of the answer, and of the pages of that one; both from 1. */
  readonly result: number;
  readonly page: number;
  readonly entry?: number;
}

export const resultQuery = ({ grant, operation, result, page, entry }: ResultPlace) =>
  queryOptions({
    queryKey: ['recording', grant, 'result', operation, result, page, entry],
    queryFn: ({ signal }) =>
      call<RecordedResultView>(`/v1/recordings/${grant}/statements/${operation}/result`, {
        query: { result, page, entry },
        signal,
      }),
    staleTime: Infinity,
    gcTime: KEPT_MS,
    placeholderData: keepPreviousData,
  });

/** Entries as a query of the API finds them. */
export async function readEntries(grant: string, query: Query, signal?: AbortSignal): Promise<EntriesPage> {
  const options = signal === undefined ? {} : { signal };
  return call<EntriesPage>(`/v1/recordings/${grant}/entries`, { query: { ...query, told: true }, ...options });
}

async function readPage(grant: string, page: number, signal: AbortSignal): Promise<readonly EntryLine[]> {
  const first = page * PAGE_ENTRIES;
  const found: EntryLine[] = [];
  let after: number | null = first;
  for (let calls = 0; calls < CALLS_MAX && after !== null && found.length < PAGE_ENTRIES; calls += 1) {
    const limit: number = PAGE_ENTRIES - found.length;
    const answer: EntriesPage = await readEntries(grant, { after, limit }, signal);
    found.push(...entryLines(answer));
    after = answer.next;
  }
  return found;
}
