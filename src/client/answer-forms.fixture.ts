import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { AnswerView } from './api-client.js';

/** What stands in place of each part of an answer, in turn. */
const OTHERS = [
  undefined,
  null,
  '',
  'other',
  '2026-02-30T07:15:00.123Z',
  -1,
  0.5,
  2 ** 60,
  true,
  [],
  [1],
  {},
  { a: 1 },
];

/** A name of an answer, one that has all its parts, and by what it is read. */
type ReadAnswer = readonly [name: string, answer: object, schema: AnswerView<unknown>, form: AnswerView<unknown>];

/** Tests that answers are read without their schemas as with them. */
export function describeAlike(answers: readonly ReadAnswer[]): void {
  describe.each(answers)('%s is read without its schema as with it', (_name, answer, schema, form) => {
    it('whole', () => {
      expect(schema.safeParse(answer)).toEqual({ success: true, data: answer });
      expect(form.safeParse(answer)).toEqual({ success: true, data: answer });
    });

    it('with anything else in place of any part of it', () => {
      expectAlike(answer, schema, form);
    });
  });
}

function expectAlike(answer: object, schema: AnswerView<unknown>, form: AnswerView<unknown>): void {
  const counts = { taken: 0, refused: 0 };
  for (const changed of changedOf(answer)) {
    const [by, expected] = [form.safeParse(changed), schema.safeParse(changed)];
    // Thousands of them: what is expected of each is told of those alone that are read otherwise.
    if (!isDeepStrictEqual([by.success, by.data], [expected.success, expected.data])) {
      expect([by.success, by.data], JSON.stringify(changed)).toEqual([expected.success, expected.data]);
    }
    if (by.error !== undefined) expect(by.error.issues.length).toBe(1);
    counts[by.success ? 'taken' : 'refused'] += 1;
  }
  expect(Math.min(counts.taken, counts.refused)).toBeGreaterThan(10);
}

/** The answer with each of the others in place of each of its parts, without it, and with one more beside it. */
function changedOf(value: unknown): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  const withPart = (name: string, part: unknown): unknown => {
    if (Array.isArray(value)) return Object.assign([...(value as readonly unknown[])], { [name]: part });
    return Object.fromEntries([...Object.entries(value).filter(([one]) => one !== name), [name, part]]);
  };
  const changed = Object.entries(value).flatMap(([name, part]) => [
    ...OTHERS.map((other) => withPart(name, other)),
    ...changedOf(part).map((other) => withPart(name, other)),
  ]);
  const others = Array.isArray(value) ? [value.slice(1), [...value, ...value.slice(0, 1)]] : [{ ...value, more: 1 }];
  // As they come over HTTP: what is undefined is not there.
  return [...changed, ...others].map((one) => JSON.parse(JSON.stringify(one)) as unknown);
}
