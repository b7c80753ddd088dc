import assert from 'node:assert/strict';
import { describe, expect, it } from 'vitest';
import { cutText, INDEXED_TEXT_MAX, INDEXED_VALUES_MAX } from '../../persistence/statements/indexed-statement.js';
import type { StatementBatch } from '../../persistence/statements/statement-index.repository.js';
import type { EntryFields } from '../../recording/entries/entries.js';
import { usOf } from './entry-time.js';
import { StatementReader, unfinishedIn } from './statement-reader.js';

/** An operation of a protocol that nobody knows, from its question to its answer. */
const ENTRIES: readonly EntryFields[] = [
  { type: 'operation', session: 1, operation: 1, name: 'GET', verdict: 'allow', policies: ['a'], shape: '/users/:id' },
  { type: 'result', session: 1, operation: 1, name: 'GET', outcome: 'ok', durationUs: 12.4 },
  { type: 'operation', session: 1, operation: 2, name: 'PUT', verdict: 'hold', policies: [], shape: null },
  {
    type: 'approval.asked',
    session: 1,
    operation: 2,
    approval: 'q',
    approvers: [],
    quorum: 1,
    expires: '2026-01-31T12:00:00.000000Z',
    again: false,
  },
  {
    type: 'approval.decided',
    session: 1,
    operation: 2,
    approval: 'q',
    outcome: 'approved',
    decisions: [{ by: 'ada', decision: 'approve', reason: null, at: '2026-01-31T12:00:00.000000Z' }],
  },
  { type: 'forwarded', session: 1, operation: 2, approval: 'q' },
  { type: 'result', session: 1, operation: 2, name: 'PUT', outcome: 'ok', durationUs: 700 },
  { type: 'operation', session: 1, operation: 3, name: 'GET', verdict: 'allow', policies: [], shape: null },
  { type: 'session.closed', session: 1, reason: 'client-gone' },
];

function batches(cuts: readonly number[]): readonly StatementBatch[] {
  const made: StatementBatch[] = [];
  let stored: unknown = null;
  let from = 0;
  for (const to of [...cuts, ENTRIES.length]) {
    // As another process would go on, with nothing but what the index has.
    const reader = new StatementReader(undefined, unfinishedIn(stored));
    for (const [index, fields] of ENTRIES.slice(from, to).entries()) {
      reader.take({
        seq: from + index + 2,
        prev: `p${from + index}`,
        at: '2026-01-31T12:00:00.000001Z',
        mono: 1,
        ...fields,
      });
    }
    const batch = reader.batch({ seq: to + 1, prev: `p${to - 1}` });
    stored = JSON.parse(JSON.stringify(batch.unfinished));
    made.push(batch);
    from = to;
  }
  return made;
}

/** What the index would have in the end. */
function indexOf(made: readonly StatementBatch[]): readonly object[] {
  const rows = new Map<number, object>();
  for (const { statements, outcomes } of made) {
    for (const statement of statements) rows.set(statement.seq, statement);
    for (const { seq, before, after } of outcomes) {
      expect(rows.get(seq)).toMatchObject({ outcome: before });
      rows.set(seq, { ...rows.get(seq), outcome: after });
    }
  }
  return [...rows.values()];
}

describe('the statements of a recording', () => {
  const whole = indexOf(batches([]));

  it('have the envelope alone where nobody knows the protocol', () => {
    expect(whole).toMatchObject([
      {
        operation: 1,
        kind: 'GET',
        text: 'GET /users/:id',
        tables: [],
        outcome: { durationUs: 12, rows: null, decision: null },
      },
      {
        operation: 2,
        kind: 'PUT',
        outcome: { decision: 'approved', decidedBy: ['ada'], approval: 'q', durationUs: 700 },
      },
      { operation: 3, kind: 'GET', outcome: { durationUs: null } },
    ]);
  });

  it('are the same wherever the reading was interrupted', () => {
    for (let cut = 1; cut < ENTRIES.length; cut += 1) expect(indexOf(batches([cut])), `at ${cut}`).toEqual(whole);
    expect(indexOf(batches(ENTRIES.map((_, index) => index + 1).slice(0, -1)))).toEqual(whole);
  });

  it('are no longer than the index has them while their batch grows', () => {
    const text = `PUT ${'ž😀'.repeat(10_000)}`;
    const operation = {
      kind: 'PUT',
      database: null,
      tables: [],
      text,
      wording: text,
      bound: text,
      inTransaction: null,
    };
    const follower = {
      operation: () => operation,
      result: () => ({ rows: null, changed: null, error: null }),
      follow: () => undefined,
      memory: () => ({}),
    };
    const reader = new StatementReader(follower, unfinishedIn(null));
    const [first] = ENTRIES;
    assert(first !== undefined);
    reader.take({ seq: 2, prev: 'p1', at: '2026-01-31T12:00:00.000001Z', mono: 1, ...first });
    const [statement] = reader.batch({ seq: 2, prev: 'p1' }).statements;
    const cut = { text: cutText(text, INDEXED_TEXT_MAX), bound: cutText(text, INDEXED_VALUES_MAX), isCut: true };
    expect(statement).toMatchObject({ ...cut, wording: cut.text });
  });

  it('leave nothing unfinished once their session is closed', () => {
    expect(batches([]).at(-1)?.unfinished).toEqual({ open: [], memory: null });
    expect(batches([4])[0]?.unfinished).toMatchObject({ open: [{ operation: 2, outcome: { decision: 'pending' } }] });
  });
});

it('the time of an entry is read to the microsecond', () => {
  expect(usOf('2026-01-31T12:00:00.123456Z')).toBe(Date.UTC(2026, 0, 31, 12) * 1000 + 123_456);
});
