import { expect, it } from 'vitest';
import { pageOf } from './page.js';

it('a page has a next one only when there was more than it holds', () => {
  const idOf = (id: string) => id;
  expect(pageOf(['c', 'b', 'a'], 2, idOf)).toEqual({ items: ['c', 'b'], next: 'b' });
  expect(pageOf(['c', 'b'], 2, idOf)).toEqual({ items: ['c', 'b'], next: null });
  expect(pageOf([], 2, idOf)).toEqual({ items: [], next: null });
});
