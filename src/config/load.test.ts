import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadApiConfig } from './api.js';
import { loadGatewayConfig } from './gateway.js';
import { ConfigError } from './load.js';

const needed = { DATABASE_URL: 'mysql://u:p@127.0.0.1:3306/doorwarden', REDIS_URL: 'redis://127.0.0.1:6379' };

function problemsOf(load: () => unknown): readonly string[] {
  try {
    load();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('loadConfig', () => {
  it('fills in defaults and freezes', () => {
    const config = loadApiConfig(needed);
    expect(config).toMatchObject({ API_HOST: '127.0.0.1', API_PORT: 8080, QUEUE_PREFIX: 'doorwarden' });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('lists every problem at once, each by its name', () => {
    const problems = problemsOf(() => loadApiConfig({ API_PORT: '99999', LOG_LEVEL: 'loud', DATABASE_URL: 'x' }));
    const names = new Set(problems.map((problem) => problem.split(':')[0]));
    expect(names).toEqual(new Set(['API_PORT', 'DATABASE_URL', 'LOG_LEVEL', 'REDIS_URL']));
    expect(problems.find((problem) => problem.startsWith('REDIS_URL'))).toContain('is missing');
  });

  it('says in one text what is wrong, without the value of a secret', () => {
    const url = 'postgres://u:hunter2@db/x';
    expect(() => loadApiConfig({ ...needed, DATABASE_URL: url })).toThrow(/DATABASE_URL: must be a URL/);
    expect(() => loadApiConfig({ ...needed, DATABASE_URL: url })).not.toThrow(/hunter2/);
  });

  it('takes an empty value as not set', () => {
    expect(loadApiConfig({ ...needed, API_PORT: '' }).API_PORT).toBe(8080);
    expect(problemsOf(() => loadApiConfig({ ...needed, REDIS_URL: '' }))).toHaveLength(1);
  });

  it('reads a secret from the file that NAME_FILE names', () => {
    const scratch = mkdtempSync(join(tmpdir(), 'doorwarden-config-'));
    onTestFinished(() => rmSync(scratch, { recursive: true }));
    const path = join(scratch, 'url');
    writeFileSync(path, `${needed.DATABASE_URL}\n`);
    const config = loadApiConfig({ REDIS_URL: needed.REDIS_URL, DATABASE_URL_FILE: path });
    expect(config.DATABASE_URL).toBe(needed.DATABASE_URL);
  });

  it('refuses a secret that is set twice, and a file that is not there', () => {
    expect(problemsOf(() => loadApiConfig({ ...needed, DATABASE_URL_FILE: '/x' }))).toEqual([
      'DATABASE_URL: is set twice, as DATABASE_URL and as DATABASE_URL_FILE.',
    ]);
    const { REDIS_URL } = needed;
    expect(problemsOf(() => loadApiConfig({ REDIS_URL, DATABASE_URL_FILE: '/nowhere/at/all' }))).toEqual([
      'DATABASE_URL: the file that DATABASE_URL_FILE names cannot be read (ENOENT).',
    ]);
  });
});

describe('the gateway settings', () => {
  it('follow from one another', () => {
    const config = loadGatewayConfig({ ...needed, GATEWAY_PORT_RANGE: '40000-40010' });
    expect(config.GATEWAY_PORT_RANGE).toEqual({ first: 40000, last: 40010 });
    expect(config.GATEWAY_PUBLIC_HOST).toBe('127.0.0.1');
  });

  it('ask clients for TLS as soon as the endpoints can be reached from elsewhere', () => {
    expect(loadGatewayConfig(needed).GATEWAY_CLIENT_TLS).toBe('offered');
    const everywhere = { ...needed, GATEWAY_LISTEN_HOST: '0.0.0.0', GATEWAY_PUBLIC_HOST: 'db.example.com' };
    expect(loadGatewayConfig(everywhere).GATEWAY_CLIENT_TLS).toBe('required');
  });

  it.each(['0.0.0.0', '::'])('refuse to listen on %s without a public host: nobody could connect to it', (host) => {
    const problems = problemsOf(() => loadGatewayConfig({ ...needed, GATEWAY_LISTEN_HOST: host }));
    expect(problems).toEqual([expect.stringMatching(/^GATEWAY_PUBLIC_HOST: is missing: nobody can connect to/)]);
  });

  it.each(['1', '2-1', '0-5', '1-70000', 'a-b'])('refuse the port range %s', (range) => {
    expect(problemsOf(() => loadGatewayConfig({ ...needed, GATEWAY_PORT_RANGE: range }))).toHaveLength(1);
  });
});

describe('where people find the api', () => {
  it.each([
    ['https://broker.example', 'https://broker.example'],
    ['https://broker.example:443/', 'https://broker.example'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['', null],
  ])('is %j', (given, read) => expect(loadApiConfig({ ...needed, PUBLIC_URL: given }).PUBLIC_URL).toBe(read));

  it.each(['broker.example', 'https://broker.example/path', 'ftp://x', 'https://u:p@broker.example', 'https://x?a=1'])(
    'is never %j',
    (value) =>
      expect(problemsOf(() => loadApiConfig({ ...needed, PUBLIC_URL: value }))).toEqual([
        expect.stringMatching(/^PUBLIC_URL: must/),
      ]),
  );
});

describe('the proxies that are trusted', () => {
  it.each([
    ['', []],
    ['10.0.0.5, 10.1.0.0/16,::1,fd00::/8', ['10.0.0.5', '10.1.0.0/16', '::1', 'fd00::/8']],
  ])('are those of %j', (given, read) =>
    expect(loadApiConfig({ ...needed, TRUSTED_PROXY: given }).TRUSTED_PROXY).toEqual(read),
  );

  it.each(['proxy.internal', '10.0.0.0/33', '0.0.0.0/0', '10.0.0.5;10.0.0.6', '::/0', '10.0.0.0/8/8', '*', 'loopback'])(
    'are never %j',
    (value) =>
      expect(problemsOf(() => loadApiConfig({ ...needed, TRUSTED_PROXY: value }))).toEqual([
        expect.stringMatching(/^TRUSTED_PROXY: has "/),
      ]),
  );
});
