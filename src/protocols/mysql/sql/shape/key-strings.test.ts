import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeyStrings } from './key-strings.js';

/** Few letters and lengths, so that many keys share a slot and many differ in one byte only. */
const keys = fc.array(fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 12 }), {
  minLength: 100,
  maxLength: 300,
});

test('a key is read as the bytes it has now, whatever was read before', () => {
  fc.assert(
    fc.property(keys, (texts) => {
      const strings = new KeyStrings();
      const scratch = Buffer.alloc(64);
      for (const text of [...texts, ...texts]) {
        scratch.write(text, 'latin1');
        expect(strings.of(scratch, text.length, true)).toBe(text);
      }
    }),
  );
});

test.each([
  ['beyond ASCII', 'select ü from t'],
  ['longer than is kept', `select ${'c,'.repeat(400)}d from t`],
])('a key %s is read as it is, again and again', (_, text) => {
  const strings = new KeyStrings();
  const bytes = Buffer.from(text);
  for (let time = 0; time < 3; time += 1) expect(strings.of(bytes, bytes.length, !text.includes('ü'))).toBe(text);
});
