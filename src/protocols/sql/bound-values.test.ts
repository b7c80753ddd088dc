import { describe, expect, it } from 'vitest';
import { isBulkField } from '../../recording/format-1/bulk-rows.js';
import { cellsOf, isRecordedBulk, rowLines } from './bound-values.js';
import type { RecordedBulk, RecordedValue } from './bound-values.js';

const valueOf = ({ type, unsigned, value, encoding }: RecordedValue): string =>
  `${value ?? 'NULL'} (${type}${unsigned === true ? ' unsigned' : ''}${encoding === undefined ? '' : ', base64'})`;

const types = [{ type: 'MYSQL_TYPE_LONGLONG', unsigned: true as const }, { type: 'MYSQL_TYPE_VAR_STRING' }];
const bulk: RecordedBulk = {
  types,
  rows: [
    [1, "a', 'b"],
    [null, { base64: '/wA=' }],
    ['18446744073709551615', { indicator: 'default' }],
    [{ indicator: 'ignore' }, 'NULL'],
  ],
};

describe('rows of values in a recording', () => {
  it('are values of the types of their places', () => {
    expect(bulk.rows.map((row) => cellsOf(bulk, row))).toEqual([
      [
        { type: 'MYSQL_TYPE_LONGLONG', unsigned: true, value: 1 },
        { type: 'MYSQL_TYPE_VAR_STRING', value: "a', 'b" },
      ],
      [
        { type: 'MYSQL_TYPE_LONGLONG', unsigned: true, value: null },
        { type: 'MYSQL_TYPE_VAR_STRING', value: '/wA=', encoding: 'base64' },
      ],
      [{ type: 'MYSQL_TYPE_LONGLONG', unsigned: true, value: '18446744073709551615' }, { indicator: 'default' }],
      [{ indicator: 'ignore' }, { type: 'MYSQL_TYPE_VAR_STRING', value: 'NULL' }],
    ]);
  });

  it('are shown so that no text looks like another value, and no more than a screen of them', () => {
    expect(rowLines(bulk, valueOf)).toEqual([
      "row 1: 1 (MYSQL_TYPE_LONGLONG unsigned), 'a'', ''b' (MYSQL_TYPE_VAR_STRING)",
      "row 2: NULL (MYSQL_TYPE_LONGLONG unsigned), '/wA=' (MYSQL_TYPE_VAR_STRING, base64)",
      "row 3: '18446744073709551615' (MYSQL_TYPE_LONGLONG unsigned), DEFAULT",
      "row 4: IGNORE, 'NULL' (MYSQL_TYPE_VAR_STRING)",
    ]);
    const many = { types: types.slice(1), rows: Array.from({ length: 21 }, () => ['x']) };
    expect(rowLines(many, valueOf)).toHaveLength(21);
    expect(rowLines(many, valueOf).at(-1)).toBe('and 1 more row of values');
    expect(rowLines(undefined, valueOf)).toEqual([]);
  });

  it.each([
    ['of today', isRecordedBulk],
    ['of format 1', isBulkField],
  ])('%s are what the format says, and nothing else is', (_, isBulk) => {
    expect(isBulk(bulk)).toBe(true);
    expect(isBulk(JSON.parse(JSON.stringify(bulk)))).toBe(true);
    const row = [1, 'a'];
    for (const wrong of [
      null,
      [],
      {},
      { types },
      { types, rows: [] },
      { types: [], rows: [[]] },
      { types, rows: [row], more: 1 },
      { types, rows: [row, [1]] },
      { types, rows: [row, [1, 'a', 'b']] },
      { types, rows: [row, { 0: 1, 1: 'a' }] },
      { types, rows: [[1, true]] },
      { types, rows: [[1, ['a']]] },
      { types, rows: [[1, {}]] },
      { types, rows: [[1, { base64: '/wA' }]] },
      { types, rows: [[1, { base64: '/w=A' }]] },
      { types, rows: [[1, { base64: '', indicator: 'default' }]] },
      { types, rows: [[1, { indicator: 'none' }]] },
      { types: [{ type: 'X', unsigned: false }, { type: 'Y' }], rows: [row] },
      { types: [{ type: 'X', length: 1 }, { type: 'Y' }], rows: [row] },
      { types: [{ type: 3 }, { type: 'Y' }], rows: [row] },
    ]) {
      expect(isBulk(wrong), JSON.stringify(wrong)).toBe(false);
    }
  });
});
