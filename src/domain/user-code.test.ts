import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { newUserCode, userCodeIn } from './user-code.js';

it('a code is eight letters of which none is a vowel, and is understood however it is typed', () => {
  for (let n = 0; n < 200; n += 1) {
    const code = newUserCode(randomBytes);
    expect(code).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
    for (const typed of [code, code.toLowerCase(), code.replace('-', ''), ` ${code.replace('-', ' – ')}\n`]) {
      expect(userCodeIn(typed)).toBe(code);
    }
  }
});

it('every letter is as likely as any other', () => {
  const bytes = Array.from({ length: 256 }, (_, byte) => byte);
  const codes = Array.from({ length: 32 }, (_, n) =>
    newUserCode((count) =>
      Uint8Array.from(
        bytes
          .slice(n * 8, n * 8 + count)
          .concat(Array(count).fill(0))
          .slice(0, count),
      ),
    ),
  );
  const counts = new Map<string, number>();
  // The bytes from 240 on are passed over: the last two codes are of zeros, that is of the first letter.
  for (const letter of codes.slice(0, 30).join('').replaceAll('-', ''))
    counts.set(letter, (counts.get(letter) ?? 0) + 1);
  expect([...counts.values()]).toEqual(Array.from({ length: 20 }, () => 12));
});

it.each(['', 'BDFH-JKL', 'BDFH-JKLMN', 'BDFA-JKLM', '0DFH-JKLM', `${'-'.repeat(40)}BDFHJKLM`, 'ＢDFH-JKLM'])(
  '%j is none',
  (typed) => {
    expect(userCodeIn(typed)).toBeUndefined();
  },
);
