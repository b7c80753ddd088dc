import type { EntityManager } from 'typeorm';
import { assert } from '../../kernel/assert.js';
import {
  errorValue,
  type FacetTerm,
  lastingTerms,
  type OutcomeToIndex,
  outcomeTerms,
  type IndexedOutcome,
  type StatementToIndex,
  wordsHash,
} from './indexed-statement.js';
import { marks, type StatementWords, type Term, termKey } from './statement-words.js';

/** The recording that statements are of. */
export interface StatementOrigin {
  readonly grantNo: number;
  readonly principalNo: number;
  readonly targetNo: number;
}

/** Rows and numbers, ready for one transaction. */
export interface ReadyStatements {
  readonly rows: readonly (readonly unknown[])[];
  readonly facets: readonly FacetPlace[];
  readonly wordings: readonly number[];
  readonly outcomes: readonly ReadyOutcome[];
}

interface FacetPlace {
  readonly termNo: number;
  readonly atUs: number;
  readonly seq: number;
}

interface ReadyOutcome {
  readonly atUs: number;
  readonly seq: number;
  readonly values: readonly unknown[];
  readonly added: readonly FacetPlace[];
  readonly removed: readonly FacetPlace[];
}

const COLUMNS = `at, grant_no, seq, operation, principal_no, target_no, wording_no, kind_no, database_no, tables_no,
  policies_no, decided_no, error_no, verdict, decision, in_transaction, is_cut, read_rows, changed_rows, duration_us, text, bound`;
const COLUMN_COUNT = 22;
const ROWS_AT_ONCE = 200;
const FACETS_AT_ONCE = 1_000;

/** Finds or makes the numbers of all words: whatever can be done before the transaction. */
export async function readyStatements(
  words: StatementWords,
  owner: StatementOrigin,
  {
    statements,
    outcomes,
  }: { readonly statements: readonly StatementToIndex[]; readonly outcomes: readonly OutcomeToIndex[] },
): Promise<ReadyStatements> {
  const terms = [
    ...statements.flatMap(termsOf),
    ...outcomes.flatMap(({ before, after }) => [...outcomeWords(before), ...outcomeWords(after)]),
  ];
  const termNumbers = await words.termNumbers(terms);
  const wordingNumbers = await words.wordingNumbers(statements.map(({ wording }) => wording));
  const termNo = (kind: Term['kind'], value: string): number => numberIn(termNumbers, termKey({ kind, value }));
  const listNo = (kind: Term['kind'], list: readonly string[]): number | null =>
    list.length === 0 ? null : termNo(kind, JSON.stringify(list));
  const wordingNo = (wording: string): number => numberIn(wordingNumbers, wordsHash(wording));
  const placesOf = (found: readonly FacetTerm[], { atUs, seq }: { atUs: number; seq: number }): readonly FacetPlace[] =>
    [...new Set(found.map(({ kind, value }) => termNo(kind, value)))].map((number) => ({ termNo: number, atUs, seq }));
  const outcomeValues = (outcome: IndexedOutcome): readonly unknown[] => [
    listNo('decided', outcome.decidedBy),
    outcome.error === null ? null : termNo('error', errorValue(outcome.error)),
    outcome.decision,
    outcome.rows,
    outcome.changed,
    outcome.durationUs,
  ];
  return {
    rows: statements.map((statement) => {
      const { atUs, seq, operation, kind, database, tables, verdict, policies, inTransaction, outcome } = statement;
      const { text, wording, bound, isCut } = statement;
      const [decidedNo, errorNo, decision, rows, changed, durationUs] = outcomeValues(outcome);
      return [
        atUs,
        owner.grantNo,
        seq,
        operation,
        owner.principalNo,
        owner.targetNo,
        wordingNo(wording),
        termNo('kind', kind),
        database === null ? null : termNo('database', database),
        listNo('tables', tables),
        listNo('policies', policies),
        decidedNo,
        errorNo,
        verdict,
        decision,
        inTransaction,
        isCut,
        rows,
        changed,
        durationUs,
        text === wording ? null : text,
        bound,
      ];
    }),
    facets: statements.flatMap((statement) =>
      placesOf([...lastingTerms(statement), ...outcomeTerms(statement.outcome)], statement),
    ),
    wordings: [...new Set(statements.map(({ wording }) => wordingNo(wording)))],
    outcomes: outcomes.map(({ atUs, seq, before, after }) => ({
      atUs,
      seq,
      values: outcomeValues(after),
      added: placesOf(outcomeTerms(after), { atUs, seq }),
      removed: placesOf(outcomeTerms(before), { atUs, seq }),
    })),
  };
}

/** Writes them, in a transaction. */
export async function storeStatements(
  at: EntityManager,
  { grantNo }: StatementOrigin,
  ready: ReadyStatements,
): Promise<void> {
  for (const rows of chunks(ready.rows, ROWS_AT_ONCE)) {
    await at.query(`INSERT INTO statements (${COLUMNS}) VALUES ${marks(rows.length, COLUMN_COUNT)}`, rows.flat());
  }
  for (const { atUs, seq, values, removed } of ready.outcomes) {
    await at.query(
      `UPDATE statements SET decided_no = ?, error_no = ?, decision = ?, read_rows = ?, changed_rows = ?, duration_us = ?
       WHERE at = ? AND grant_no = ? AND seq = ?`,
      [...values, atUs, grantNo, seq],
    );
    for (const { termNo } of removed) {
      await at.query('DELETE FROM statement_facets WHERE term_no = ? AND at = ? AND grant_no = ? AND seq = ?', [
        termNo,
        atUs,
        grantNo,
        seq,
      ]);
    }
  }
  const facets = [...ready.facets, ...ready.outcomes.flatMap(({ added }) => added)];
  for (const places of chunks(facets, FACETS_AT_ONCE)) {
    await at.query(
      `INSERT INTO statement_facets (term_no, at, grant_no, seq) VALUES ${marks(places.length, 4)}`,
      places.flatMap(({ termNo, atUs, seq }) => [termNo, atUs, grantNo, seq]),
    );
  }
}

function termsOf(statement: StatementToIndex): readonly Term[] {
  const { kind, database, tables, policies, outcome } = statement;
  return [
    { kind: 'kind', value: kind },
    ...(database === null ? [] : [{ kind: 'database', value: database } as const]),
    ...listTerm('tables', tables),
    ...listTerm('policies', policies),
    ...lastingTerms(statement),
    ...outcomeWords(outcome),
  ];
}

function outcomeWords(outcome: IndexedOutcome): readonly Term[] {
  return [...outcomeTerms(outcome), ...listTerm('decided', outcome.decidedBy)];
}

function listTerm(kind: Term['kind'], list: readonly string[]): readonly Term[] {
  return list.length === 0 ? [] : [{ kind, value: JSON.stringify(list) }];
}

function numberIn(numbers: ReadonlyMap<string, number>, key: string): number {
  const number = numbers.get(key);
  assert(number !== undefined, 'every word of a batch has a number');
  return number;
}

function* chunks<T>(all: readonly T[], max: number): Generator<readonly T[]> {
  for (let at = 0; at < all.length; at += max) yield all.slice(at, at + max);
}
