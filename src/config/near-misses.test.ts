import { expect, it } from 'vitest';
import { nearMisses } from './near-misses.js';

it.each([
  ['DATABASE_ULR', 'DATABASE_URL'],
  ['GATEWAY_PORTS_RANGE', 'GATEWAY_PORT_RANGE'],
  ['RECORDING_DIR', 'RECORDINGS_DIR'],
  ['gateway_lease_seconds', 'GATEWAY_LEASE_SECONDS'],
  ['ENVELOPE_KEY_FLE', 'ENVELOPE_KEY_FILE'],
])('%s is told to be near to %s', (name, meant) => {
  expect(nearMisses({ [name]: 'x' })).toEqual([{ name, meant }]);
});

it('says nothing of what is known, and of what others read', () => {
  const others = [
    'PATH',
    'HOME',
    'HOSTNAME',
    'NODE_ENV',
    'DATABASE',
    'REDIS_PORT',
    'KEYS',
    'npm_config_cache',
    'MYSQL_PWD',
  ];
  const env = Object.fromEntries(
    [...others, 'REDIS_URL', 'DATABASE_URL_FILE', 'DOORWARDEN_API'].map((name) => [name, 'x']),
  );
  expect(nearMisses(env)).toEqual([]);
});
