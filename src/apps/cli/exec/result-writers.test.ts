import { describe, expect, it } from 'vitest';
import { PLAIN } from '../terminal/paint.js';
import { csvWriter } from './csv-writer.js';
import { jsonWriter } from './json-writer.js';
import type { ResultWriter, TextSink } from './result-writer.js';
import type { ColumnKind, ResultColumn } from '../../../protocol/statement-session.js';
import { tableWriter } from './table-writer.js';

const column = (name: string, kind: ColumnKind): ResultColumn => ({ name, type: kind, kind });

async function written(
  writer: (write: TextSink) => ResultWriter,
  columns: readonly ResultColumn[],
  rows: readonly (readonly (string | null)[])[],
  failed?: string,
): Promise<string> {
  let text = '';
  const to = writer((more) => Promise.resolve(void (text += more)));
  await to.begin(columns);
  const cells = rows.map((row) => row.map((cell) => (cell === null ? null : Buffer.from(cell))));
  await to.rows(cells);
  await to.end(failed);
  return text;
}

describe('JSON', () => {
  it.each([
    ['9007199254740991', 'whole', 9_007_199_254_740_991],
    ['9007199254740992', 'whole', '9007199254740992'],
    ['-18446744073709551615', 'whole', '-18446744073709551615'],
    ['00042', 'whole', 42],
    ['1.10', 'decimal', '1.10'],
    ['1e-7', 'floating', 1e-7],
    ['-0', 'floating', -0],
    ['nan', 'floating', 'nan'],
    ['12', 'text', '12'],
    ['\u0000', 'bytes', '0x00'],
    [null, 'whole', null],
  ] as const)('has %j of the kind %s as it is', async (given, kind, told) => {
    const text = await written(jsonWriter, [column('a', kind)], [[given]]);
    expect(JSON.parse(text)).toEqual({ columns: [{ name: 'a', type: kind }], rows: [[told]] });
  });

  it('of rows that broke off is whole, and says so', async () => {
    const text = await written(jsonWriter, [column('a\u202e', 'text')], [['1'], ['2']], 'It was killed.');
    expect(text).not.toContain('\u202e');
    expect(JSON.parse(text)).toMatchObject({ rows: [['1'], ['2']], failed: 'It was killed.' });
  });
});

describe('CSV', () => {
  const csv = (isTerminal: boolean) => (write: TextSink) => csvWriter(write, { isTerminal });

  it('tells an empty text from NULL, and quotes what readers would take apart', async () => {
    const rows = [
      ['', null, ' a'],
      ['x"y', 'a,b', 'a\r\nb'],
    ];
    const text = await written(
      csv(false),
      ['a', 'b', 'c'].map((name) => column(name, 'text')),
      rows,
    );
    expect(text).toBe('a,b,c\r\n"",," a"\r\n"x""y","a,b","a\r\nb"\r\n');
  });

  it('speaks to no terminal', async () => {
    const text = await written(csv(true), [column('a', 'text')], [['\u001b[2J']]);
    expect(text).toBe('a\r\n⟨U+001B⟩[2J\r\n');
  });
});

describe('a table', () => {
  const table = (columns: number | undefined) => (write: TextSink) => tableWriter(write, { columns, paint: PLAIN });

  it('fits the screen: the widest column gives', async () => {
    const columns = [column('id', 'whole'), column('text', 'text')];
    const text = await written(table(40), columns, [
      ['1', 'x'.repeat(100)],
      ['20', null],
    ]);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(40);
    expect(text).toMatch(/^id {2}text *\n 1 {2}x+…\n20 {2}NULL\n\(2 rows\)\n$/);
  });

  it('is not cut in a file, and has its names without rows, too', async () => {
    expect(await written(table(undefined), [column('a', 'text')], [['x'.repeat(3_000)]])).toContain('x'.repeat(3_000));
    expect(await written(table(undefined), [column('a', 'text')], [])).toBe('a\n(0 rows)\n');
  });
});
