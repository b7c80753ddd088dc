import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeDatabase, type OwnDatabase } from '../support/databases.js';
import { servers } from '../support/engines.js';
import { ROOT } from '../support/folders.js';
import { freePort } from '../support/ports.js';

interface Ended {
  readonly code: number;
  readonly stderr: string;
}

async function start(app: string, env: Readonly<Record<string, string>>): Promise<Ended> {
  const program = join(ROOT, 'dist', 'apps', `${app}.js`);
  try {
    const path = process.env['PATH'] ?? '';
    const { stderr } = await promisify(execFile)(process.execPath, [program], { env: { PATH: path, ...env } });
    return { code: 0, stderr };
  } catch (error) {
    if (error instanceof Error && 'code' in error && 'stderr' in error) {
      return { code: Number(error.code), stderr: String(error.stderr) };
    }
    throw error;
  }
}

describe('a process that cannot start', () => {
  let empty: OwnDatabase;

  beforeAll(async () => {
    empty = await makeDatabase(servers().mariadb);
  });
  afterAll(() => empty.drop());

  it.each(['api', 'gateway', 'worker', 'migrate'])(
    'lists all that is wrong with its configuration: %s',
    async (app) => {
      const { code, stderr } = await start(app, { LOG_LEVEL: 'loud', START_WAIT_SECONDS: '-1' });
      expect(code).toBe(1);
      for (const name of ['DATABASE_URL', 'LOG_LEVEL', 'START_WAIT_SECONDS']) expect(stderr).toContain(`\n  ${name}: `);
    },
  );

  it('names the state database that it waited for, without its password', async () => {
    const port = await freePort();
    const url = `mysql://someone:hunter2@127.0.0.1:${port}/state`;
    const { code, stderr } = await start('migrate', { DATABASE_URL: url, START_WAIT_SECONDS: '1' });
    expect(code).toBe(1);
    expect(stderr).toContain(`The state database at 127.0.0.1:${port} cannot be used: ECONNREFUSED.`);
    expect(stderr).not.toContain('hunter2');
  });

  it('names Redis when that is what is missing', async () => {
    const port = await freePort();
    const env = { DATABASE_URL: empty.url, REDIS_URL: `redis://:hunter2@127.0.0.1:${port}`, START_WAIT_SECONDS: '1' };
    await start('migrate', env);
    const { code, stderr } = await start('api', env);
    expect(code).toBe(1);
    expect(stderr).toContain(`Redis at 127.0.0.1:${port} cannot be used`);
    expect(stderr).not.toContain('hunter2');
  });

  it('says what to run when the state database has not been brought up to date', async () => {
    const fresh = await makeDatabase(servers().mariadb);
    const env = { DATABASE_URL: fresh.url, REDIS_URL: servers().redis.url, START_WAIT_SECONDS: '1' };
    const { code, stderr } = await start('api', env);
    await fresh.drop();
    expect(code).toBe(1);
    expect(stderr).toContain('run: doorwarden migrate');
  });
});
