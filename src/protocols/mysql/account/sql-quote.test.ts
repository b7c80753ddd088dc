import { expect, test } from 'vitest';
import { quoteAccount, quoteDatabasePattern, quoteIdentifier, quoteText } from './sql-quote.js';

test('quotes names and texts so that nothing in them ends the quotes', () => {
  expect(quoteIdentifier('a`b')).toBe('`a``b`');
  expect(quoteText(String.raw`a'b\c`)).toBe(String.raw`'a''b\\c'`);
  expect(quoteAccount("o'x", '%')).toBe("'o''x'@'%'");
});

test('a database in GRANT means itself, not a pattern', () => {
  expect(quoteDatabasePattern('my_db%')).toBe(String.raw`${'`'}my\_db\%${'`'}`);
});
