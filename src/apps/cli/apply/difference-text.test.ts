import { expect, it } from 'vitest';
import { PLAIN } from '../terminal/paint.js';
import { columnsIn } from '../terminal/screen-lines.js';
import { differenceText } from './difference-text.js';

const place = { columns: undefined, paint: PLAIN };
const numbers = Array.from({ length: 12 }, (_, index) => `line ${index}`);

it('shows what changes with three lines around it, and that there is more', () => {
  const before = `${numbers.join('\n')}\n`;
  expect(differenceText(before, before.replace('line 6', 'other'), place)).toEqual([
    '    …',
    ...[3, 4, 5].map((number) => `    line ${number}`),
    '  - line 6',
    '  + other',
    ...[7, 8, 9].map((number) => `    line ${number}`),
    '    …',
  ]);
});

it('shows all of what is new or goes, and nothing where nothing differs', () => {
  expect(differenceText('', 'a\nb\n', place)).toEqual(['  + a', '  + b']);
  expect(differenceText('a\n', '', place)).toEqual(['  - a']);
  expect(differenceText('a\n', 'a\n', place)).toEqual([]);
});

it('writes hidden characters out, and breaks lines itself', () => {
  const lines = differenceText('', `${'x'.repeat(60)}\u202e+ forged\n`, { columns: 40, paint: PLAIN });
  expect(lines.join('')).toContain('⟨U+202E⟩');
  expect(lines.slice(1).every((line) => line.startsWith('    '))).toBe(true);
  for (const line of lines) expect(columnsIn(line)).toBeLessThanOrEqual(40);
});
