import { describe, expect, it } from 'vitest';
import { grantIdOf, isGrantId, lowestIdAt, newGrantId } from './ids.js';

describe('ids', () => {
  it('are lower-case ULIDs', () => {
    expect(isGrantId(newGrantId())).toBe(true);
    expect(isGrantId('01ARZ3NDEKTSV4RRFFQ69G5FAV')).toBe(false);
    expect(() => grantIdOf('x')).toThrow(/Broken invariant/);
  });

  it('stand between the lowest ids of the milliseconds before and after they were made', () => {
    const before = Date.now();
    const id = newGrantId();
    expect(id >= lowestIdAt(before)).toBe(true);
    expect(id < lowestIdAt(Date.now() + 1)).toBe(true);
  });
});
