import { describe, expect, it } from 'vitest';
import type { ChainFields, EntryFields, TypedEntry } from '../../../recording/entries/entries.js';
import { grantOpened, sessionOpened } from '../../../recording/testing/recordings.js';
import { MYSQL_INDEXED } from './mysql-indexed.js';

const CHAIN = { seq: 1, prev: '', at: '2026-01-31T12:00:00.000000Z', mono: 0 };
const OPENED: TypedEntry<'grant.opened'> = { ...CHAIN, ...grantOpened };

function entryOf<Fields extends EntryFields>(fields: Fields): Fields & ChainFields {
  return { ...CHAIN, ...fields };
}

function statement(text: string, name = 'COM_QUERY', more: object = {}): TypedEntry<'operation'> {
  return entryOf({
    type: 'operation',
    session: 1,
    operation: 1,
    name,
    verdict: 'allow',
    policies: [],
    shape: null,
    body: { database: 'shop', ...more, text },
  });
}

function result(results: readonly object[], more: object = {}): TypedEntry<'result'> {
  const body = { results, ...more };
  const outcome = 'error' in more ? 'error' : 'ok';
  return entryOf({ type: 'result', session: 1, operation: 1, name: 'COM_QUERY', outcome, durationUs: 5, body });
}

const OK = { kind: 'ok', affectedRows: 0, lastInsertId: 0, warnings: 0 };

function follower(memory: object | null = null) {
  const made = MYSQL_INDEXED.follower(OPENED, memory);
  if (memory === null) made.follow(entryOf(sessionOpened));
  return made;
}

/** Runs statements of one session, each with success, and says of each whether it was in a transaction. */
function transactions(...texts: readonly string[]): readonly (boolean | null)[] {
  const made = follower();
  return texts.map((text) => {
    const { inTransaction } = made.operation(statement(text));
    made.result(result([OK]));
    return inTransaction;
  });
}

describe('a statement in the index', () => {
  it('says what it is and what it names', () => {
    const text = "UPDATE orders o JOIN shop.customers c ON c.id = o.customer SET o.note = 'x' WHERE c.id = 7";
    expect(follower().operation(statement(text))).toEqual({
      kind: 'update',
      database: 'shop',
      tables: ['shop.orders', 'shop.customers'],
      text,
      wording: 'UPDATE orders o JOIN shop.customers c ON c.id = o.customer SET o.note = ? WHERE c.id = ?',
      bound: null,
      inTransaction: false,
    });
  });

  it('has the values that were bound to it, and is called prepared while it is only that', () => {
    const made = follower();
    expect(made.operation(statement('SELECT 1 FROM t', 'COM_STMT_PREPARE')).kind).toBe('prepare');
    const values = [
      { type: 'LONG', value: 5 },
      { type: 'VAR_STRING', value: '発送済' },
    ];
    const executed = made.operation(
      statement('SELECT a FROM t WHERE b = ?', 'COM_STMT_EXECUTE', { prepared: 1, values }),
    );
    expect(executed).toMatchObject({ kind: 'select', bound: '5\n発送済', wording: 'SELECT a FROM t WHERE b = ?' });
  });

  it('says by its result how many rows it read or changed, and its error', () => {
    const made = follower();
    const endOf = (text: string, ended: TypedEntry<'result'>) => {
      made.operation(statement(text));
      return made.result(ended);
    };
    const rows = { kind: 'rows', columns: 1, rows: 3, warnings: 0 };
    expect(endOf('SELECT a FROM t', result([rows]))).toEqual({ rows: 3, changed: null, error: null });
    expect(endOf('UPDATE t SET a = 1', result([{ ...OK, affectedRows: 4 }]))).toEqual({
      rows: null,
      changed: 4,
      error: null,
    });
    expect(endOf('UPDATE t SET a = 1', result([OK]))).toEqual({ rows: null, changed: 0, error: null });
    expect(endOf('SET @a = 1', result([OK]))).toEqual({ rows: null, changed: null, error: null });
    const error = { errno: 1054, sqlState: '42S22', message: 'secret' };
    const failed = endOf('SELECT a FROM t', result([], { error }));
    expect(failed).toEqual({ rows: null, changed: null, error: { code: '1054', state: '42S22' } });
  });

  it('says whether a transaction was open, or that this is not known', () => {
    expect(transactions('SELECT 1', 'BEGIN', 'UPDATE t SET a = 1', 'COMMIT', 'SELECT 1')).toEqual([
      false,
      false,
      true,
      true,
      false,
    ]);
    expect(
      transactions('START TRANSACTION', 'SAVEPOINT a', 'ROLLBACK TO a', 'SELECT 1', 'ROLLBACK', 'SELECT 1'),
    ).toEqual([false, true, true, true, true, false]);
    expect(transactions('BEGIN', 'COMMIT AND CHAIN', 'SELECT 1', 'CREATE TABLE x (a INT)', 'SELECT 1')).toEqual([
      false,
      true,
      true,
      true,
      false,
    ]);
    expect(transactions('SET autocommit = 0', 'SELECT 1', 'COMMIT', 'SELECT 1')).toEqual([false, null, null, false]);
  });

  it('goes on in the middle of a recording by what was remembered, and knows nothing without that', () => {
    const made = follower();
    made.operation(statement('BEGIN'));
    made.result(result([OK]));
    const again = follower(JSON.parse(JSON.stringify(made.memory())));
    expect(again.operation(statement('SELECT 1')).inTransaction).toBe(true);
    expect(follower({ sessions: [] }).operation(statement('SELECT 1')).inTransaction).toBe(null);
  });
});
