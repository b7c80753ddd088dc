import { describe, expect, it } from 'vitest';
import { daysOf } from './export-work.js';

const NOW_MS = Date.parse('2026-11-29T00:00:01Z');

describe('the days of doorwarden index export', () => {
  it.each([
    [{ day: '2026-11-28' }, ['2026-11-28']],
    [{ from: '2026-11-27' }, ['2026-11-27', '2026-11-28']],
    [{ from: '2026-02-27', to: '2026-03-01' }, ['2026-02-27', '2026-02-28', '2026-03-01']],
  ])('of %j are %j', (options, days) => {
    expect(daysOf(options, NOW_MS)).toEqual(days);
  });

  it.each([
    [{}, 'Name one day'],
    [{ day: '2026-11-28', from: '2026-11-01' }, 'Name one day'],
    [{ day: '2026-11-28', to: '2026-11-28' }, 'Name one day'],
    [{ to: '2026-11-28' }, 'Name one day'],
    [{ day: '2026-11-29' }, 'not over yet'],
    [{ from: '2026-11-28', to: '2027-01-01' }, 'not over yet'],
    [{ from: '2026-11-28', to: '2026-11-27' }, 'after --to'],
    [{ day: 'yesterday' }, 'is written as'],
    [{ day: '2026-02-30' }, 'is written as'],
    [{ from: '1970-01-01' }, 'more than'],
  ])('refuses %j: %s', (options, why) => {
    expect(() => daysOf(options, NOW_MS)).toThrow(why);
  });
});
