import type { FieldPacket } from 'mysql2';
import { expect, it } from 'vitest';
import type { StatementOutcome } from '../../../protocol/statement-runner.js';
import { ReadResults } from './read-results.js';

const BOUNDS = { rowsMax: 10, cellCharactersMax: 500, charactersMax: 1_000, bytesMax: 1_000 };
const FIELDS = [{ name: 'x', columnType: 253 }] as unknown as readonly FieldPacket[];

function reading() {
  const told: StatementOutcome[] = [];
  const signal = new AbortController().signal;
  return { told, read: new ReadResults({ ...BOUNDS, signal }, (outcome) => told.push(outcome)) };
}

it('a row that is larger than the bounds is not waited for: what came before it is told, and that there is more', () => {
  const { told, read } = reading();
  read.begin(FIELDS);
  read.came(900);
  read.take(['a']);
  read.came(900);
  expect(told).toEqual([]);
  read.came(200);
  expect(told[0]).toMatchObject({ kind: 'rows', rows: [['a']], hasMore: true, furtherResults: 0 });
});

it('the first row may be too large, and a row of a further result', () => {
  const first = reading();
  first.read.begin(FIELDS);
  first.read.came(1_001);
  expect(first.told[0]).toMatchObject({ kind: 'rows', rows: [], hasMore: true });

  const further = reading();
  further.read.begin(FIELDS);
  further.read.take(['a']);
  further.read.begin(FIELDS);
  further.read.came(1_001);
  expect(further.told[0]).toMatchObject({ kind: 'rows', rows: [['a']], hasMore: false, furtherResults: 1 });
});

it('an answer without columns that does not end is a failure', () => {
  const { told, read } = reading();
  read.came(1_001);
  expect(told[0]).toMatchObject({ kind: 'failed', code: 'ANSWER_TOO_LARGE' });
});
