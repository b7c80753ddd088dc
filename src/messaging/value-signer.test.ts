import { expect, it } from 'vitest';
import { ValueSigner } from './value-signer.js';

const signer = new ValueSigner(Buffer.alloc(32, 1));

it('reads what it has signed under the same name', () => {
  for (const text of ['', 'x', JSON.stringify({ a: 'ä😀' })])
    expect(signer.read('n', signer.sign('n', text))).toBe(text);
});

it('reads nothing else: another name, another key, a changed character, no signature at all', () => {
  const signed = signer.sign('name', 'text');
  expect(signer.read('names', signed)).toBeUndefined();
  expect(signer.read('nam', signer.sign('name', 'e1:text'))).toBeUndefined();
  expect(new ValueSigner(Buffer.alloc(32, 2)).read('name', signed)).toBeUndefined();
  for (let place = 0; place < signed.length; place += 1) {
    const other = signed[place] === 'A' ? 'B' : 'A';
    expect(
      signer.read('name', signed.slice(0, place) + other + signed.slice(place + 1)),
      String(place),
    ).toBeUndefined();
  }
  for (const text of ['', 'text', '{"principal":"x"}', signed.slice(1), signed.slice(0, -1), `${signed}x`]) {
    expect(signer.read('name', text), text).toBeUndefined();
  }
});
