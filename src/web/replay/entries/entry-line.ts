import type { EntriesPage, ToldEntryView } from '../../../contracts/recordings/recording.js';

type RawEntry = Readonly<Record<string, unknown>>;
export type Verdict = 'allow' | 'hold' | 'deny';

/** An entry of a recording, as far as the page reads its envelope; `raw` is all of it. */
export interface EntryLine {
  readonly seq: number;
  readonly at: string;
  /** Microseconds since the first entry. */
  readonly monoUs: number;
  readonly type: string;
  readonly session: number | null;
  readonly operation: number | null;
  readonly verdict: Verdict | null;
  readonly outcome: string | null;
  readonly durationUs: number | null;
  readonly isCut: boolean;
  readonly told: ToldEntryView | null;
  readonly raw: RawEntry;
}

/** The entries of an answer, each with what is told of it. */
export function entryLines({ items, told }: Pick<EntriesPage, 'items' | 'told'>): readonly EntryLine[] {
  return items.map((raw, place) => entryLine(raw, told?.[place] ?? null));
}

export function entryLine(raw: RawEntry, told: ToldEntryView | null): EntryLine {
  const verdict = raw['verdict'];
  return {
    seq: numberIn(raw, 'seq') ?? 0,
    at: textIn(raw, 'at') ?? '',
    monoUs: numberIn(raw, 'mono') ?? 0,
    type: textIn(raw, 'type') ?? '',
    session: numberIn(raw, 'session'),
    operation: numberIn(raw, 'operation') ?? numberIn(raw, 'statement'), // `statement` in lines of format 1
    verdict: verdict === 'allow' || verdict === 'hold' || verdict === 'deny' ? verdict : null,
    outcome: textIn(raw, 'outcome'),
    durationUs: numberIn(raw, 'durationUs'),
    isCut: isCut(raw['response']),
    told,
    raw,
  };
}

/** An operation, whatever the format of its line calls it. */
export function isOperation({ type }: Pick<EntryLine, 'type'>): boolean {
  return type === 'operation' || type === 'statement';
}

function isCut(response: unknown): boolean {
  if (typeof response !== 'object' || response === null) return false;
  const kept: unknown = Reflect.get(response, 'kept');
  const bytes: unknown = Reflect.get(response, 'bytes');
  return typeof kept === 'number' && typeof bytes === 'number' && kept < bytes;
}

function numberIn(raw: RawEntry, field: string): number | null {
  const value = raw[field];
  return typeof value === 'number' ? value : null;
}

function textIn(raw: RawEntry, field: string): string | null {
  const value = raw[field];
  return typeof value === 'string' ? value : null;
}
