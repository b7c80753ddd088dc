import { expect, it } from 'vitest';
import { apiSchema } from './api.js';
import { settingsIn } from './settings.js';

function settings(env: Record<string, string>) {
  return new Map(settingsIn(apiSchema, env).map((setting) => [setting.name, setting]));
}

it('says of every variable of the api where its value comes from', () => {
  const found = settings({ SESSION_HOURS: '4', LOG_LEVEL: '' });
  expect([...found.keys()]).toEqual(Object.keys(apiSchema.shape));
  expect(found.get('SESSION_HOURS')).toMatchObject({ value: '4', source: 'environment', isSecret: false });
  expect(found.get('LOG_LEVEL')).toMatchObject({ value: 'info', source: 'default' });
  expect(found.get('PUBLIC_URL')).toMatchObject({ value: null, source: 'default', otherwise: expect.any(String) });
});

it('has no secret, however it was given', () => {
  const secret = 'mysql://root:topsecret@db/doorwarden';
  const found = settings({ DATABASE_URL: secret, REDIS_URL_FILE: '/run/secrets/redis', PROVIDER_KEY: 'topsecret' });
  expect(found.get('DATABASE_URL')).toMatchObject({ isSecret: true, value: null, source: 'environment' });
  expect(found.get('REDIS_URL')).toMatchObject({ isSecret: true, value: null, source: 'file' });
  expect(found.get('PROVIDER_KEY')).toMatchObject({ isSecret: true, value: null, source: 'environment' });
  expect(JSON.stringify([...found.values()])).not.toContain('topsecret');
});
