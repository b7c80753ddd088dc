import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rounds } from '../../../../test/support/rounds.js';
import type { EntryFields } from '../../../recording/entries/entries.js';
import { usualEntryForm } from '../../../recording/entries/usual-entry.js';
import { recordedProtocols } from '../../../recording/recorded-protocol.js';
import { grantOpened } from '../../../recording/testing/recordings.js';
import {
  PREV,
  changed,
  count,
  lineOf,
  mostly,
  ordinal,
  plain,
  readAny,
  readUsual,
  reference,
} from '../../../../test/support/usual-lines.js';
import { STATEMENT_COMMANDS, type ResultPart } from './bodies.js';
import { MYSQL_RECORDED } from './recorded.js';

const value = fc.record(
  {
    type: fc.constantFrom('LONGLONG', 'VAR_STRING'),
    unsigned: fc.constant(true as const),
    value: mostly(fc.oneof(plain, count, fc.constant(null)), fc.constantFrom(0.5, -1, 1e21)),
    encoding: fc.constant('base64' as const),
  },
  { requiredKeys: ['type', 'value'] },
);
const statement = fc.record(
  { database: fc.option(plain), prepared: ordinal, values: fc.array(value, { maxLength: 2 }), text: plain },
  { requiredKeys: ['database', 'text'] },
);
const operation = fc.record(
  {
    type: fc.constant('operation' as const),
    session: ordinal,
    operation: ordinal,
    name: fc.constantFrom(...STATEMENT_COMMANDS),
    verdict: fc.constantFrom('allow' as const, 'hold' as const, 'deny' as const),
    policies: fc.array(plain, { maxLength: 3 }),
    shape: fc.option(plain),
    why: plain,
    body: statement,
  },
  { requiredKeys: ['type', 'session', 'operation', 'name', 'verdict', 'policies', 'shape', 'body'] },
);

const part = mostly<ResultPart>(
  fc.oneof(
    fc.record({ kind: fc.constant('rows' as const), columns: count, rows: count, warnings: count }),
    fc.record({ kind: fc.constant('ok' as const), affectedRows: count, lastInsertId: count, warnings: count }),
  ),
  fc.constant({ kind: 'ok' as const, affectedRows: 1, lastInsertId: '18446744073709551615', warnings: 0 }),
);
const failed = { error: { errno: 1064, sqlState: '42000', message: 'syntax' } };
const result = fc.record(
  {
    type: fc.constant('result' as const),
    session: ordinal,
    operation: ordinal,
    name: plain,
    outcome: fc.constantFrom('ok' as const, 'error' as const, 'unknown' as const),
    durationUs: mostly(count, fc.constant(1.5)),
    request: reference,
    response: reference,
    body: fc
      .tuple(fc.array(part, { maxLength: 2 }), mostly<object>(fc.constant({}), fc.constant(failed)))
      .map(([results, error]) => ({ results, ...error })),
  },
  { requiredKeys: ['type', 'session', 'name', 'outcome', 'durationUs', 'body'] },
);
const entry: fc.Arbitrary<EntryFields> = fc.oneof(operation, result);

const protocols = recordedProtocols([MYSQL_RECORDED]);

function inPlace(line: string) {
  return readUsual(usualEntryForm(MYSQL_RECORDED) ?? (() => undefined), line);
}

/** Compares the readings of a line; false when it is not read in place. */
function expectAlike(line: string): boolean {
  const usual = inPlace(line);
  if (usual !== undefined) expect(usual, line).toEqual(readAny(protocols, grantOpened, line));
  return usual !== undefined;
}

describe('lines that are read in place', () => {
  it('say what the reader of all lines says', () => {
    let taken = 0;
    fc.assert(
      fc.property(entry, (fields) => {
        if (expectAlike(lineOf(fields))) taken += 1;
      }),
      { numRuns: rounds(2_000) },
    );
    expect(taken).toBeGreaterThan(rounds(2_000) / 4);
  });

  it('are none that the reader of all lines refuses, whatever is changed in one', () => {
    fc.assert(
      fc.property(changed(entry.map(lineOf)), (line) => {
        expectAlike(line);
      }),
      { numRuns: rounds(5_000) },
    );
  });

  it('are all those that a session of point selects leaves behind', () => {
    const response = { bytes: 130, kept: 130, sha256: 'cd'.repeat(32), segment: 1, offset: 260 };
    const rows = { kind: 'rows', columns: 1, rows: 1, warnings: 0 } as const;
    const head = { session: 1, operation: 3, name: 'COM_QUERY' };
    const [asked, answered]: readonly EntryFields[] = [
      {
        type: 'operation',
        ...head,
        verdict: 'allow',
        policies: ['allow-everything'],
        shape: 'abcdef0123456789',
        body: { database: 'shop', text: 'SELECT c\nFROM "t" -- \\' },
      },
      { type: 'result', ...head, outcome: 'ok', durationUs: 120, response, body: { results: [rows] } },
    ];
    for (const fields of [asked, answered]) expect(fields !== undefined && expectAlike(lineOf(fields))).toBe(true);
  });

  it.each([
    ['another number', `{"seq":13,"prev":"${PREV}"`],
    ['another hash before', `{"seq":12,"prev":"${'0'.repeat(64)}"`],
    ['a number twice', `{"seq":12,"seq":12,"prev":"${PREV}"`],
  ])('are none with %s', (_, head) => {
    const rest = `,"at":"2026-01-31T12:00:00.000001Z","mono":1,"type":"result","session":1,"name":"x","outcome":"ok","durationUs":1,"body":{"results":[]}}`;
    expect(inPlace(`{"seq":12,"prev":"${PREV}"${rest}`)).toBeDefined();
    expect(inPlace(`${head}${rest}`)).toBeUndefined();
  });

  it('are no operations whose name the protocol does not have', () => {
    const line = lineOf({
      type: 'operation',
      session: 1,
      operation: 1,
      name: 'COM_QUERY',
      verdict: 'allow',
      policies: [],
      shape: null,
      body: { database: null, text: 'SELECT 1' },
    });
    expect(inPlace(line)).toBeDefined();
    expect(inPlace(line.replace('COM_QUERY', 'COM_QUIT'))).toBeUndefined();
    // Before any other operation was read, there is no name that it could repeat.
    for (const name of ['null', 'true', '0', '""']) {
      expect(inPlace(line.replace('"COM_QUERY"', name)), name).toBeUndefined();
    }
  });
});
