import { expect, it } from 'vitest';
import { reasonOf } from './start-reason.js';

it.each([
  [
    Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:6379'), { code: 'ECONNREFUSED' }),
    'ECONNREFUSED. Nothing listens there.',
  ],
  [
    new Error('NOAUTH Authentication required.'),
    'NOAUTH. It asks for a password, and the URL has none: redis://:PASSWORD@HOST.',
  ],
  [
    new Error('WRONGPASS invalid username-password pair or user is disabled.'),
    'WRONGPASS. It refuses this user or password.',
  ],
  [new Error('ERR invalid password'), 'It refuses this user or password.'],
  [new Error('Protocol error, got "H" as reply type byte'), 'What answers there is not Redis.'],
  [
    Object.assign(new Error("Access denied for user 'u'@'h' (using password: YES)"), {
      code: 'ER_ACCESS_DENIED_ERROR',
    }),
    'ER_ACCESS_DENIED_ERROR. It refuses this user or password.',
  ],
  [Object.assign(new Error('whatever'), { code: 'ER_NEVER_SEEN' }), 'ER_NEVER_SEEN.'],
  [new Error('Cannot read properties of undefined'), 'Its answer is not what the broker expects.'],
])('%s becomes: %s', (cause, said) => {
  expect(reasonOf(cause)).toBe(said);
});
