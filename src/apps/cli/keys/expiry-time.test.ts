import { expect, it } from 'vitest';
import { expiryTime } from './expiry-time.js';

const NOW_MS = Date.parse('2026-11-29T12:00:00Z');

it.each([
  ['90d', '2027-02-27T12:00:00.000Z'],
  ['12h', '2026-11-30T00:00:00.000Z'],
  ['30m', '2026-11-29T12:30:00.000Z'],
  ['2027-01-31T00:00:00Z', '2027-01-31T00:00:00Z'],
  ['tomorrow', 'tomorrow'],
  ['-1d', '-1d'],
])('%s is %s', (wanted, time) => {
  expect(expiryTime(wanted, NOW_MS)).toBe(time);
});
