import { assert, integer, json, property } from 'fast-check';
import { expect, it } from 'vitest';
import { parseStrictJson } from './strict-json.js';

it.each([
  ['a member twice', '{"a":1,"a":1}'],
  ['a member twice, once with its name escaped', '{"sub":1,"s\\u0075b":2}'],
  ['a member twice in a list of objects', '[{"a":1},{"b":{"c":1,"d":[],"c":2}}]'],
  ['a member twice around another object', '{"a":{"b":1},"c":[{"a":1}],"a":2}'],
  ['a member without a name twice', '{"":1,"":2}'],
  ['a member whose name has a quote', '{"a\\"b":1,"a\\"b":2}'],
])('refuses %s', (_, text) => {
  expect(parseStrictJson(text)).toEqual({ fault: 'duplicate_member' });
});

it.each(['', '{', '{"a":1}x', "{'a':1}", '{a:1}', '[1,]', 'NaN', '\ufeff{}'])(
  'refuses what is not JSON: %j',
  (text) => {
    expect(parseStrictJson(text)).toEqual({ fault: 'not_json' });
  },
);

it('refuses what is nested deeper than 32 levels, however long it is', () => {
  expect(parseStrictJson('['.repeat(32) + ']'.repeat(32))).toHaveProperty('value');
  expect(parseStrictJson('['.repeat(33) + ']'.repeat(33))).toEqual({ fault: 'not_json' });
});

it('takes one member of a name in each object, and texts that look like members', () => {
  const value = { a: { a: '"a":1,"a":2' }, b: [{ a: 1 }, { a: 2 }], 'c:': '{"x', '"': ':' };
  expect(parseStrictJson(JSON.stringify(value))).toEqual({ value });
});

it('takes every JSON that has no member twice, as JSON.parse reads it', () => {
  assert(
    property(json({ maxDepth: 5 }), integer({ min: 0, max: 2 }), (text, indent) => {
      const spaced = JSON.stringify(JSON.parse(text), null, indent);
      expect(parseStrictJson(spaced)).toEqual({ value: JSON.parse(spaced) });
    }),
  );
});
