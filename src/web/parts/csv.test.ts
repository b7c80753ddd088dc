import { expect, it } from 'vitest';
import { csvText } from './csv.js';

it('keeps quotes and line breaks, and lets no cell become a formula', () => {
  const text = csvText([
    ['id', 'text'],
    ['1', 'UPDATE t\nSET a = "1"'],
    ['2', '=HYPERLINK("http://evil.example")'],
    ['3', '@SUM(1,1)'],
  ]);
  expect(text).toContain('"UPDATE t\nSET a = ""1"""');
  expect(text).not.toMatch(/(^|,|\n)"[=+@-]/);
});
