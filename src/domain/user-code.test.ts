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

it('every letter is as likely as any other: bytes that would make some likelier are passed over', () => {
  const bytes = Array.from({ length: 256 }, (_, n) => 255 - n);
  const codes = Array.from({ length: 30 }, () => newUserCode((count) => Uint8Array.from(bytes.splice(0, count))));
  const letters = codes.join('').replaceAll('-', '').split('');
  const counts = new Set(letters.map((letter) => letters.filter((other) => other === letter).length));
  expect([...counts]).toEqual([12]);
});

it.each(['', 'BDFH-JKL', 'BDFH-JKLMN', 'BDFA-JKLM', '0DFH-JKLM', `${'-'.repeat(40)}BDFHJKLM`, 'ＢDFH-JKLM'])(
  '%j is none',
  (typed) => {
    expect(userCodeIn(typed)).toBeUndefined();
  },
);
