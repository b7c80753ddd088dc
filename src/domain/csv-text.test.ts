import { expect, it } from 'vitest';
import { csvLine } from './csv-text.js';

it('puts every cell in quotes, and doubles those that are in it', () => {
  expect(csvLine(['a', 'b,c', 'say "hi"', 5, -5, null, true, ''])).toBe(
    '"a","b,c","say ""hi""","5","-5","","true",""\r\n',
  );
});

it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '  =1', '\u00a0@x', '|cmd', '＝1', '＠x', '%0A'])(
  'lets no cell be taken for a formula: %j',
  (text) => {
    expect(csvLine([text])).toBe(`"'${text}"\r\n`);
  },
);

it('leaves other cells as they are', () => {
  expect(csvLine(["'=1", 'a=1', '1 - 1', 'UPDATE orders'])).toBe(`"'=1","a=1","1 - 1","UPDATE orders"\r\n`);
});
