import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { sentenceOf } from './errors.js';
import { refusalIn, REFUSAL_CHARACTERS_MAX } from './refusal-text.js';

const DENIED = sentenceOf('statement_denied', 'The policy "x (y)" forbids it.');

/** The same said as a pattern, which tries every beginning with every end. */
const PATTERN = /(?:^|[\s:-])(?<message>Doorwarden: [^]*\((?<code>[a-z][a-z0-9_]*)\))\s*$/;

it('finds what the pattern of such a text finds, in any text of its parts', () => {
  const part = fc.constantFrom(
    'Doorwarden: ',
    'Doorwarden',
    ': ',
    ' ',
    '\n',
    '\u00a0',
    '-',
    'x',
    '(',
    ')',
    '(code)',
    '(a_b)',
  );
  const texts = fc.array(part, { maxLength: 12 }).map((parts) => parts.join(''));
  let found = 0;
  fc.assert(
    fc.property(texts, (text) => {
      const { message, code } = PATTERN.exec(text)?.groups ?? {};
      if (code !== undefined) found += 1;
      expect(refusalIn(text)).toEqual(code === undefined ? undefined : { code, message });
    }),
    { numRuns: 5_000 },
  );
  expect(found).toBeGreaterThan(20);
});

it('finds it behind what a driver puts before it, in a text of the largest size and in none beyond', () => {
  const refusal = { code: 'statement_denied', message: DENIED };
  expect(refusalIn(`(conn:4, no: 1105, SQLState: HY000) ${DENIED}\n`)).toEqual(refusal);
  const longest = DENIED.padStart(REFUSAL_CHARACTERS_MAX);
  expect(refusalIn(longest)).toEqual(refusal);
  expect(refusalIn(` ${longest}`)).toBeUndefined();
});

it.each([' Doorwarden: (', ' Doorwarden: ', '(a', ' '])('looks at no text of megabytes: %j again and again', (part) => {
  expect(refusalIn(part.repeat(1_000_000))).toBeUndefined();
});
