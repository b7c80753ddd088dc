import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rounds } from '../../../test/support/rounds.js';
import { NO_PROTOCOLS } from '../recorded-protocol.js';
import { grantOpened } from '../testing/recordings.js';
import {
  changed,
  count,
  lineOf,
  mostly,
  ordinal,
  plain,
  readAny,
  readUsual,
  reference,
} from '../../../test/support/usual-lines.js';
import { readUsualLine1 } from './usual-line.js';

const value = fc.record(
  {
    type: fc.constantFrom('LONGLONG', 'VAR_STRING'),
    unsigned: fc.constant(true),
    value: mostly<string | number | null>(fc.oneof(plain, count, fc.constant(null)), fc.constantFrom(0.5, -1, 1e21)),
    encoding: fc.constant('base64'),
  },
  { requiredKeys: ['type', 'value'] },
);
const statement = fc.record(
  {
    type: fc.constant('statement'),
    session: ordinal,
    statement: ordinal,
    command: fc.constantFrom('COM_QUERY', 'COM_STMT_PREPARE', 'COM_STMT_EXECUTE', 'COM_STMT_BULK_EXECUTE', 'COM_QUIT'),
    database: fc.option(plain),
    verdict: fc.constantFrom('allow', 'hold', 'deny'),
    policies: fc.array(plain, { maxLength: 3 }),
    fingerprint: fc.option(plain),
    prepared: ordinal,
    values: fc.array(value, { maxLength: 2 }),
    why: plain,
    text: plain,
  },
  {
    requiredKeys: [
      ...(['type', 'session', 'statement', 'command', 'database', 'verdict', 'policies', 'fingerprint'] as const),
      'text',
    ],
  },
);

const part = mostly<object>(
  fc.oneof(
    fc.record({ kind: fc.constant('rows'), columns: count, rows: count, warnings: count }),
    fc.record({ kind: fc.constant('ok'), affectedRows: count, lastInsertId: count, warnings: count }),
  ),
  fc.constant({ kind: 'ok', affectedRows: 1, lastInsertId: '18446744073709551615', warnings: 0 }),
);
const result = fc.record(
  {
    type: fc.constant('result'),
    session: ordinal,
    statement: ordinal,
    command: plain,
    outcome: fc.constantFrom('ok', 'error', 'unknown'),
    results: fc.array(part, { maxLength: 2 }),
    durationUs: mostly(count, fc.constant(1.5)),
    response: reference,
  },
  { requiredKeys: ['type', 'session', 'command', 'outcome', 'results', 'durationUs'] },
);
const fields: fc.Arbitrary<object> = fc.oneof(statement, result);

/** The first line, as format 1 has it. */
const { protocol: _protocol, ...target } = grantOpened.target;
const opened = { ...grantOpened, format: 1, target, access: [], body: undefined };

/** Compares the readings of a line; false when it is not read in place. */
function expectAlike(line: string): boolean {
  const usual = readUsual(readUsualLine1, line);
  if (usual !== undefined) expect(usual, line).toEqual(readAny(NO_PROTOCOLS, opened, line));
  return usual !== undefined;
}

describe('lines of format 1 that are read in place', () => {
  it('say what the reader of all lines says', () => {
    let taken = 0;
    fc.assert(
      fc.property(fields, (given) => {
        if (expectAlike(lineOf(given))) taken += 1;
      }),
      { numRuns: rounds(2_000) },
    );
    expect(taken).toBeGreaterThan(rounds(2_000) / 4);
  });

  it('are none that the reader of all lines refuses, whatever is changed in one', () => {
    fc.assert(
      fc.property(changed(fields.map(lineOf)), (line) => {
        expectAlike(line);
      }),
      { numRuns: rounds(5_000) },
    );
  });
});
