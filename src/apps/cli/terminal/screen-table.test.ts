import { describe, expect, it } from 'vitest';
import { fieldLines } from './field-lines.js';
import { PLAIN } from './paint.js';
import { columnsIn } from './screen-lines.js';
import { screenTable } from './screen-table.js';

const NAMES = ['name', 'what'];

describe('a table', () => {
  const table = (rows: readonly (readonly (string | null)[])[], columns?: number): readonly string[] =>
    screenTable(NAMES, rows, { columns, paint: PLAIN }).split('\n');

  it('has each column under its name, and `-` where there is nothing', () => {
    expect(
      table([
        ['orders-db', 'x'],
        ['a', null],
      ]),
    ).toEqual(['name       what', 'orders-db  x', 'a          -']);
  });

  it('is never wider than the screen, and takes from the widest column', () => {
    const rows = [
      ['orders-db', 'w'.repeat(100)],
      ['日本'.repeat(20), 'short'],
    ];
    const lines = table(rows, 40);
    expect(lines[1]).toMatch(/^orders-db {2,}w+…$/);
    for (const line of lines) expect(columnsIn(line)).toBeLessThanOrEqual(40);
    const many = screenTable('abcdefgh'.split(''), [Array(8).fill('x'.repeat(30))], { columns: 40, paint: PLAIN });
    for (const line of many.split('\n')) expect(columnsIn(line)).toBeLessThanOrEqual(40);
  });

  it('is cut nowhere where there is no screen', () => {
    expect(table([['a', 'w'.repeat(300)]])[1]).toBe(`a     ${'w'.repeat(300)}`);
  });

  it('lets no text speak to the terminal or begin a line', () => {
    expect(table([['a\nb', '\u001b[31m\u202e']]).slice(1)).toEqual(['a⟨U+000A⟩b  ⟨U+001B⟩[31m⟨U+202E⟩']);
  });
});

describe('the fields of one thing', () => {
  it('stand under each other, without those that are not known', () => {
    expect(
      fieldLines(
        [
          ['id', '1'],
          ['reference', null],
          ['note', ''],
          ['state', 'active'],
        ],
        80,
      ),
    ).toBe('id     1\nstate  active');
  });

  it('go on under themselves where the screen ends', () => {
    const lines = fieldLines([['task', `${'x'.repeat(50)}\nid  forged`]], 40).split('\n');
    expect(lines.every((line) => /^(task|    )  \S/.test(line) && columnsIn(line) <= 40)).toBe(true);
    expect(lines.join('').replaceAll(/ {2,}|^task/g, '')).toContain('⟨U+000A⟩id');
  });
});
