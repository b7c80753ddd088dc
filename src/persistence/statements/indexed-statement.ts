import { createHash } from 'node:crypto';

/** The place of a statement in the index: its time, its recording, its entry there. Later statements have larger ones. */
export interface StatementKey {
  /** Microseconds since the epoch. */
  readonly atUs: number;
  readonly grantNo: number;
  readonly seq: number;
}

/** How a statement ended, as far as that is known. */
export interface IndexedOutcome {
  /** Null: nobody was asked. */
  readonly decision: string | null;
  readonly decidedBy: readonly string[];
  /** The id of the approval that it ran by; null: it needed none, or did not run. */
  readonly approval: string | null;
  readonly error: { readonly code: string; readonly state: string | null } | null;
  readonly rows: number | null;
  readonly changed: number | null;
  /** Null: it has not been answered. */
  readonly durationUs: number | null;
}

export const NO_OUTCOME: IndexedOutcome = {
  decision: null,
  decidedBy: [],
  approval: null,
  error: null,
  rows: null,
  changed: null,
  durationUs: null,
};

/** A statement as it goes into the index. */
export interface StatementToIndex extends IndexedTexts {
  readonly atUs: number;
  readonly seq: number;
  readonly operation: number;
  readonly kind: string;
  readonly database: string | null;
  readonly tables: readonly string[];
  readonly verdict: string;
  readonly policies: readonly string[];
  readonly inTransaction: boolean | null;
  readonly outcome: IndexedOutcome;
}

/** The words of a statement, as far as the index has them. */
export interface IndexedTexts {
  readonly text: string;
  /** A text that cannot be worded, such as one of an unknown protocol, is its own wording. */
  readonly wording: string;
  readonly bound: string | null;
  /** The recording has more of the text, or of the values, than is here. */
  readonly isCut: boolean;
}

/** What became of a statement that is in the index already. */
export interface OutcomeToIndex {
  readonly atUs: number;
  readonly seq: number;
  readonly before: IndexedOutcome;
  readonly after: IndexedOutcome;
}

/** Of longer ones the index has the beginning; the recording has all. In UTF-16 units. */
export const INDEXED_TEXT_MAX = 4_000;
export const INDEXED_VALUES_MAX = 1_000;

/** As much of these texts as the index has. Batches of them wait for their transaction: the long ones must not wait with them. */
export function indexedTexts({ text, wording, bound }: Omit<IndexedTexts, 'isCut'>): IndexedTexts {
  return {
    text: beginningOf(text, INDEXED_TEXT_MAX),
    wording: beginningOf(wording, INDEXED_TEXT_MAX),
    bound: bound === null ? null : beginningOf(bound, INDEXED_VALUES_MAX),
    isCut: text.length > INDEXED_TEXT_MAX || (bound?.length ?? 0) > INDEXED_VALUES_MAX,
  };
}

/** A copy: V8 keeps the whole of a long string as long as a slice of it is kept. */
function beginningOf(text: string, max: number): string {
  return text.length <= max ? text : Buffer.from(cutText(text, max)).toString();
}

/** Never in the middle of a character. */
export function cutText(text: string, max: number): string {
  if (text.length <= max) return text;
  const last = text.charCodeAt(max - 1);
  return text.slice(0, last >= 0xd8_00 && last <= 0xdb_ff ? max - 1 : max);
}

/** What statements are found by besides their columns. */
export type FacetTerm =
  | { readonly kind: 'table'; readonly value: string }
  | { readonly kind: 'error'; readonly value: string }
  | { readonly kind: 'mark'; readonly value: string };

/** `verdict:hold`, `decision:approved`, `error:any`: what few statements have. */
export function markTerm(value: string): FacetTerm {
  return { kind: 'mark', value };
}

/** What ran by one approval. */
export function approvalTerm(id: string): FacetTerm {
  return markTerm(`approval:${id}`);
}

export function errorValue({ code, state }: { readonly code: string; readonly state: string | null }): string {
  return JSON.stringify({ code, state });
}

/** The terms that a statement has whatever becomes of it. */
export function lastingTerms({ tables, verdict }: Pick<StatementToIndex, 'tables' | 'verdict'>): readonly FacetTerm[] {
  const named = tables.map((value): FacetTerm => ({ kind: 'table', value }));
  return verdict === 'allow' ? named : [...named, markTerm(`verdict:${verdict}`)];
}

/** The terms that it has by its outcome. */
export function outcomeTerms({ decision, error, approval }: IndexedOutcome): readonly FacetTerm[] {
  return [
    ...(decision === null ? [] : [markTerm(`decision:${decision}`)]),
    ...(approval === null ? [] : [approvalTerm(approval)]),
    ...(error === null ? [] : [markTerm('error:any'), { kind: 'error', value: errorValue(error) } as const]),
  ];
}

/** What the same words are recognized by. */
export function wordsHash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
