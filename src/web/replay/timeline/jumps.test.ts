import { describe, expect, it } from 'vitest';
import type { RecordingMark } from '../../../contracts/recordings/recording-marks.js';
import { bracketOf, guessBetween, markFrom } from './jumps.js';
import { offsetText, stepMs, tookText } from './times.js';

const mark = (seq: number, kind: RecordingMark['kind'], monoUs = seq * 10): RecordingMark => ({
  seq,
  kind,
  monoUs,
  operation: null,
  session: null,
});
const MARKS = [mark(2, 'session'), mark(5, 'write'), mark(9, 'held'), mark(12, 'write')];

describe('jumping by marks', () => {
  it('goes to the next of a kind and to the one before, and around the ends', () => {
    expect(markFrom(MARKS, { from: 5, way: 'next', kind: 'write' })).toBe(12);
    expect(markFrom(MARKS, { from: 12, way: 'next', kind: 'write' })).toBe(5);
    expect(markFrom(MARKS, { from: 9, way: 'previous' })).toBe(5);
    expect(markFrom(MARKS, { from: 2, way: 'previous' })).toBe(12);
    expect(markFrom(MARKS, { from: 1, way: 'next', kind: 'denied' })).toBeUndefined();
    expect(markFrom([], { from: 1, way: 'next' })).toBeUndefined();
  });

  it('finds between which entries a moment lies', () => {
    const last = { seq: 100, monoUs: 1_000 };
    expect(bracketOf(MARKS, 60, last)).toMatchObject({ low: { seq: 5 }, high: { seq: 9 } });
    expect(bracketOf(MARKS, 10, last)).toMatchObject({ low: { seq: 1 }, high: { seq: 2 } });
    expect(bracketOf(MARKS, 900, last)).toMatchObject({ low: { seq: 12 }, high: last });
  });

  it('guesses strictly between, whatever the times say', () => {
    const low = { seq: 10, monoUs: 0 };
    const high = { seq: 20, monoUs: 100 };
    expect(guessBetween(low, high, 50)).toBe(15);
    expect(guessBetween(low, high, 0)).toBe(11);
    expect(guessBetween(low, high, 1_000)).toBe(19);
    expect(guessBetween(low, { seq: 20, monoUs: 0 }, 0)).toBe(15);
  });
});

describe('times of a recording', () => {
  it('are written with minutes, and hours where there are any', () => {
    expect([0, 61_234_567, 3_723_004_000].map(offsetText)).toEqual(['0:00.000', '1:01.234', '1:02:03.004']);
    expect([480, 4_200, 42_000, 1_700_000, 61_000_000].map(tookText)).toEqual([
      '480 µs',
      '4.2 ms',
      '42 ms',
      '1.7 s',
      '1:01.000',
    ]);
  });

  it('are waited for by the pace, and gaps are passed in a moment', () => {
    expect(stepMs(1_600_000, 1)).toBe(1_600);
    expect(stepMs(1_600_000, 16)).toBe(100);
    expect(stepMs(60_000_000, 1)).toBeLessThan(1_000);
    expect(stepMs(0, 1)).toBe(stepMs(1_000_000, 'instant'));
  });
});
