import type { EntityManager } from 'typeorm';
import type { TermKind } from '../entities/recordings/statement-index.js';
import { atState } from '../state/at-state.js';
import { managerOf, type StateAccess } from '../state/state-transaction.js';
import { wordsHash } from './indexed-statement.js';

export interface Term {
  readonly kind: TermKind;
  readonly value: string;
}

/** What is remembered of one table; at more all of it is forgotten. */
const KNOWN_MAX = 50_000;
const AT_ONCE_MAX = 500;

type Row = Readonly<Record<string, unknown>>;
type Numbered = readonly (readonly [key: string, number: number])[];

/**
 * The numbers by which the index names terms and wordings. They are stored when the first statement comes that has them,
 * before the transaction that uses their numbers.
 */
export class StatementWords {
  readonly #at: StateAccess;
  readonly #terms = new Map<string, number>();
  readonly #wordings = new Map<string, number>();

  constructor(at: StateAccess) {
    this.#at = at;
  }

  /** By {@link termKey}. */
  termNumbers(terms: readonly Term[]): Promise<ReadonlyMap<string, number>> {
    const wanted = new Map(terms.map((term) => [termKey(term), term]));
    return this.#numbers(this.#terms, [...wanted.keys()], {
      find: (keys) => findTerms(managerOf(this.#at), keys),
      store: async (keys) => {
        const rows = keys.flatMap((key) => wanted.get(key) ?? []);
        await managerOf(this.#at).query(
          `INSERT IGNORE INTO statement_terms (kind, hash, value) VALUES ${marks(rows.length, 3)}`,
          rows.flatMap(({ kind, value }) => [kind, wordsHash(value), value]),
        );
      },
    });
  }

  /** By {@link wordsHash} of the text. */
  wordingNumbers(texts: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const wanted = new Map(texts.map((text) => [wordsHash(text), text]));
    return this.#numbers(this.#wordings, [...wanted.keys()], {
      find: (hashes) => findWordings(managerOf(this.#at), hashes),
      store: async (hashes) => {
        await managerOf(this.#at).query(
          `INSERT IGNORE INTO statement_wordings (hash, text) VALUES ${marks(hashes.length, 2)}`,
          hashes.flatMap((hash) => [hash, wanted.get(hash) ?? '']),
        );
      },
    });
  }

  /** After a wording was found to be gone: it is stored again. */
  forget(): void {
    this.#terms.clear();
    this.#wordings.clear();
  }

  async #numbers(known: Map<string, number>, keys: readonly string[], table: WordTable) {
    const numbers = new Map<string, number>();
    const missing: string[] = [];
    for (const key of keys) {
      const number = known.get(key);
      if (number === undefined) missing.push(key);
      else numbers.set(key, number);
    }
    for (let at = 0; at < missing.length; at += AT_ONCE_MAX) {
      for (const [key, number] of await numbersIn(table, missing.slice(at, at + AT_ONCE_MAX))) {
        if (known.size >= KNOWN_MAX) known.clear();
        known.set(key, number);
        numbers.set(key, number);
      }
    }
    return numbers;
  }
}

interface WordTable {
  find(keys: readonly string[]): Promise<Numbered>;
  store(keys: readonly string[]): Promise<void>;
}

async function numbersIn(table: WordTable, keys: readonly string[]): Promise<Numbered> {
  const found = await atState(() => table.find(keys));
  if (found.length === keys.length) return found;
  const there = new Set(found.map(([key]) => key));
  await atState(() => table.store(keys.filter((key) => !there.has(key))));
  return atState(() => table.find(keys));
}

async function findTerms(at: EntityManager, keys: readonly string[]): Promise<Numbered> {
  const rows: readonly Row[] = await at.query(
    `SELECT term_no, kind, hash FROM statement_terms WHERE ${keys.map(() => '(kind = ? AND hash = ?)').join(' OR ')}`,
    keys.flatMap((key) => key.split(':')),
  );
  return rows.map((row) => [`${String(row['kind'])}:${String(row['hash'])}`, Number(row['term_no'])] as const);
}

async function findWordings(at: EntityManager, hashes: readonly string[]): Promise<Numbered> {
  const rows: readonly Row[] = await at.query(
    `SELECT wording_no, hash FROM statement_wordings WHERE hash IN (${hashes.map(() => '?').join(', ')})`,
    [...hashes],
  );
  return rows.map((row) => [String(row['hash']), Number(row['wording_no'])] as const);
}

/** What a term is known by; no kind has a colon in it. */
export function termKey({ kind, value }: Term): string {
  return `${kind}:${wordsHash(value)}`;
}

/** `(?, ?), (?, ?)` */
export function marks(rows: number, columns: number): string {
  const row = `(${Array.from({ length: columns }, () => '?').join(', ')})`;
  return Array.from({ length: rows }, () => row).join(', ');
}
