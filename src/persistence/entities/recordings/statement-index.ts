import { EntitySchema } from 'typeorm';
import type { StatementCounts } from '../../statements/statement-counts.js';
import { jsonColumn, largeJsonColumn, msColumn, protocolColumn, ulidColumn, word } from '../../state/columns.js';

/** The kinds of words that many statements share. */
export type TermKind =
  | 'principal'
  /** JSON: who answers for the agent. */
  | 'sponsor'
  | 'target'
  | 'database'
  | 'kind'
  | 'table'
  /** JSON: the tables of one statement. */
  | 'tables'
  /** JSON: the policies that decided. */
  | 'policies'
  /** JSON: the names of those who decided. */
  | 'decided'
  /** JSON: code and state. */
  | 'error'
  /** `verdict:hold`, `decision:approved`, `error:any`. */
  | 'mark';

export interface StatementTermRow {
  readonly termNo: number;
  readonly kind: TermKind;
  readonly hash: string;
  readonly value: string;
}

export interface StatementWordingRow {
  readonly wordingNo: number;
  readonly hash: string;
  readonly text: string;
}

/** A recording in the index, and how far it has been read. */
export interface StatementGrantRow {
  readonly grantNo: number;
  readonly grantId: string;
  readonly principalNo: number;
  readonly sponsorNo: number | null;
  readonly targetNo: number;
  readonly protocol: string;
  readonly title: string;
  readonly reference: string | null;
  /** Microseconds since the epoch, as everything here. */
  readonly openedAtUs: number;
  readonly isLive: boolean;
  /** The number of the last entry that was read; 0: none. */
  readonly doneSeq: number;
  /** The `prev` of that entry: another one in its place shows that the recording was changed since. */
  readonly donePrev: string;
  /** What is known of operations that have not been answered, and what the protocol remembers. */
  readonly unfinished: object | null;
  /** What the statements that were read come to; null: none was. */
  readonly counts: StatementCounts | null;
  /** The process that reads it, and until when it has that to itself. */
  readonly readerId: string | null;
  readonly readerUntilMs: number | null;
}

export interface StatementRow {
  readonly atUs: number;
  readonly grantNo: number;
  readonly seq: number;
  readonly operation: number;
  readonly principalNo: number;
  readonly targetNo: number;
  readonly wordingNo: number;
  readonly kindNo: number;
  readonly databaseNo: number | null;
  readonly tablesNo: number | null;
  readonly policiesNo: number | null;
  readonly decidedNo: number | null;
  readonly errorNo: number | null;
  readonly verdict: string;
  readonly decision: string | null;
  readonly inTransaction: boolean | null;
  readonly isCut: boolean;
  readonly readRows: number | null;
  readonly changedRows: number | null;
  readonly durationUs: number | null;
  /** Null: the wording is the text. */
  readonly text: string | null;
  readonly bound: string | null;
}

/** A statement that has a term: a table, an error, a mark. */
export interface StatementFacetRow {
  readonly termNo: number;
  readonly atUs: number;
  readonly grantNo: number;
  readonly seq: number;
}

const numberColumn = (name: string) => ({ type: 'int', name }) as const;
const text = { type: 'mediumtext' } as const;
const key = {
  atUs: { ...msColumn, name: 'at', primary: true },
  grantNo: { ...numberColumn('grant_no'), primary: true },
  seq: { type: 'int', primary: true },
} as const;

export const statementTermEntity = new EntitySchema<StatementTermRow>({
  name: 'StatementTerm',
  tableName: 'statement_terms',
  columns: {
    termNo: { ...numberColumn('term_no'), primary: true, generated: 'increment' },
    kind: word(16),
    hash: { type: 'char', length: 64 },
    value: text,
  },
  indices: [{ name: 'statement_terms_hash', columns: ['kind', 'hash'], unique: true }],
});

export const statementWordingEntity = new EntitySchema<StatementWordingRow>({
  name: 'StatementWording',
  tableName: 'statement_wordings',
  columns: {
    wordingNo: { ...numberColumn('wording_no'), primary: true, generated: 'increment' },
    hash: { type: 'char', length: 64 },
    text,
  },
  indices: [{ name: 'statement_wordings_hash', columns: ['hash'], unique: true }],
});

export const statementGrantEntity = new EntitySchema<StatementGrantRow>({
  name: 'StatementGrant',
  tableName: 'statement_grants',
  columns: {
    grantNo: { ...numberColumn('grant_no'), primary: true, generated: 'increment' },
    grantId: { ...ulidColumn, name: 'grant_id' },
    principalNo: numberColumn('principal_no'),
    sponsorNo: { ...numberColumn('sponsor_no'), nullable: true },
    targetNo: numberColumn('target_no'),
    protocol: { type: protocolColumn.type, length: protocolColumn.length },
    title: word(200),
    reference: { ...word(500), nullable: true },
    openedAtUs: { ...msColumn, name: 'opened_at' },
    isLive: { name: 'is_live', type: 'boolean' },
    doneSeq: numberColumn('done_seq'),
    donePrev: { name: 'done_prev', type: 'char', length: 64 },
    unfinished: { ...largeJsonColumn, nullable: true },
    counts: { ...jsonColumn, nullable: true },
    readerId: { ...ulidColumn, name: 'reader_id', nullable: true },
    readerUntilMs: { ...msColumn, name: 'reader_until', nullable: true },
  },
  indices: [
    { name: 'statement_grants_grant', columns: ['grantId'], unique: true },
    { name: 'statement_grants_principal', columns: ['principalNo'] },
    { name: 'statement_grants_sponsor', columns: ['sponsorNo', 'principalNo'] },
  ],
});

export const statementEntity = new EntitySchema<StatementRow>({
  name: 'Statement',
  tableName: 'statements',
  columns: {
    ...key,
    operation: { type: 'int' },
    principalNo: numberColumn('principal_no'),
    targetNo: numberColumn('target_no'),
    wordingNo: numberColumn('wording_no'),
    kindNo: numberColumn('kind_no'),
    databaseNo: { ...numberColumn('database_no'), nullable: true },
    tablesNo: { ...numberColumn('tables_no'), nullable: true },
    policiesNo: { ...numberColumn('policies_no'), nullable: true },
    decidedNo: { ...numberColumn('decided_no'), nullable: true },
    errorNo: { ...numberColumn('error_no'), nullable: true },
    verdict: word(5),
    decision: { ...word(10), nullable: true },
    inTransaction: { name: 'in_transaction', type: 'boolean', nullable: true },
    isCut: { name: 'is_cut', type: 'boolean' },
    readRows: { ...msColumn, name: 'read_rows', nullable: true },
    changedRows: { ...msColumn, name: 'changed_rows', nullable: true },
    durationUs: { ...msColumn, name: 'duration_us', nullable: true },
    text: { ...text, nullable: true },
    bound: { ...text, nullable: true },
  },
  indices: [
    { name: 'statements_grant', columns: ['grantNo', 'atUs', 'seq'] },
    { name: 'statements_principal', columns: ['principalNo', 'atUs', 'grantNo', 'seq'] },
    { name: 'statements_target', columns: ['targetNo', 'atUs', 'grantNo', 'seq'] },
    { name: 'statements_wording', columns: ['wordingNo', 'atUs', 'grantNo', 'seq'] },
    { name: 'statements_kind', columns: ['kindNo', 'atUs', 'grantNo', 'seq'] },
  ],
});

export const statementFacetEntity = new EntitySchema<StatementFacetRow>({
  name: 'StatementFacet',
  tableName: 'statement_facets',
  columns: { termNo: { ...numberColumn('term_no'), primary: true }, ...key },
});
