import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeDatabase, type OwnDatabase } from '../support/databases.js';
import { servers } from '../support/engines.js';
import { COMPILED, makeTemporaryFolder, ROOT } from '../support/folders.js';
import { freePort } from '../support/ports.js';

interface Ended {
  readonly code: number;
  readonly stderr: string;
}

async function start(app: string, env: Readonly<Record<string, string>>): Promise<Ended> {
  return run([join(ROOT, 'dist', 'apps', `${app}.js`)], env);
}

async function run(words: readonly string[], env: Readonly<Record<string, string>>, cwd = ROOT): Promise<Ended> {
  try {
    const own = { PATH: process.env['PATH'] ?? '', ...COMPILED };
    const { stderr } = await promisify(execFile)(process.execPath, [...words], { env: { ...own, ...env }, cwd });
    return { code: 0, stderr };
  } catch (error) {
    if (error instanceof Error && 'code' in error && 'stderr' in error) {
      return { code: Number(error.code), stderr: String(error.stderr) };
    }
    throw error;
  }
}

describe('a process that cannot start', () => {
  let migrated: OwnDatabase;
  let folder: string;

  beforeAll(async () => {
    migrated = await makeDatabase(servers().mariadb);
    folder = makeTemporaryFolder();
    expect(await start('migrate', { DATABASE_URL: migrated.url })).toMatchObject({ code: 0 });
  });
  afterAll(async () => {
    await Promise.all([migrated.drop(), rm(folder, { recursive: true })]);
  });

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
    const env = {
      DATABASE_URL: migrated.url,
      REDIS_URL: `redis://:hunter2@127.0.0.1:${port}`,
      START_WAIT_SECONDS: '1',
    };
    const { code, stderr } = await start('api', env);
    expect(code).toBe(1);
    expect(stderr).toContain(`Redis at 127.0.0.1:${port} cannot be used`);
    expect(stderr).not.toContain('hunter2');
  });

  it('says that Redis asks for a password, or refuses the one that it was given', async () => {
    const env = { DATABASE_URL: migrated.url, START_WAIT_SECONDS: '0' };
    const { host, port } = servers().redis;
    const none = await start('api', { ...env, REDIS_URL: `redis://${host}:${port}` });
    expect(none.stderr).toMatch(
      /cannot be used: NOAUTH\. It asks for a password, and the URL has none.*Check REDIS_URL/,
    );
    const wrong = await start('api', { ...env, REDIS_URL: `redis://:hunter2@${host}:${port}` });
    expect(wrong.stderr).toMatch(/cannot be used: WRONGPASS\. It refuses this user or password\. Check REDIS_URL/);
    expect(wrong.stderr).not.toMatch(/hunter2|at .*\.js/);
  });

  it('says that the state database refuses the password, or has no such database', async () => {
    const fault = async (url: URL) =>
      (await start('migrate', { DATABASE_URL: url.href, START_WAIT_SECONDS: '0' })).stderr;
    const wrong = new URL(migrated.url);
    wrong.password = 'hunter2';
    expect(await fault(wrong)).toMatch(/cannot be used: ER_ACCESS_DENIED_ERROR\. It refuses this user or password/);
    const elsewhere = new URL(migrated.url);
    elsewhere.pathname = '/not_there';
    expect(await fault(elsewhere)).toMatch(/cannot be used: ER_(DBACCESS_DENIED|BAD_DB)_ERROR\. .*database/);
  });

  it.each([
    ['names no database', 'mysql://u:hunter2@db.internal'],
    ['is no URL as it stands; in a user name or password', 'mysql://u:hun#ter2@db.internal/doorwarden'],
    ['cannot be read for certain; in a user name or password', 'mysql://u:1?hunter2@db.internal/doorwarden'],
    ['has a % that stands for nothing; in a user name or password', 'mysql://u:hunter2%@db.internal/doorwarden'],
  ])('says of a DATABASE_URL that it %s', async (what, url) => {
    const { code, stderr } = await start('migrate', { DATABASE_URL: url });
    expect([code, stderr]).toEqual([1, expect.stringContaining(`DATABASE_URL: ${what}`)]);
    expect(stderr).not.toMatch(/hun#?ter2|at .*\.js/);
  });

  it.each([
    ['api', 'API_PORT'],
    ['worker', 'WORKER_HEALTH_PORT'],
  ])('names the setting of a port that is taken: %s', async (app, setting) => {
    const taken = createServer().listen(0, '127.0.0.1');
    if (!taken.listening) await once(taken, 'listening');
    const port = Object(taken.address()).port;
    const env = {
      DATABASE_URL: migrated.url,
      REDIS_URL: servers().redis.url,
      KEYS_DIR: folder,
      RECORDINGS_DIR: folder,
    };
    const { code, stderr } = await start(app, { ...env, [setting]: String(port) });
    taken.close();
    expect([code, stderr]).toEqual([1, expect.stringContaining(`Nothing can listen on 127.0.0.1:${port}: another`)]);
    expect(stderr).toContain(setting);
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

describe('a file .env where a command runs', () => {
  let folder: string;
  const doorwarden = (words: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    run([join(ROOT, 'bin', 'doorwarden.cjs'), ...words], env, folder);

  beforeAll(() => {
    folder = makeTemporaryFolder();
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('is read by the processes, and the environment wins', async () => {
    const port = await freePort();
    await writeFile(
      join(folder, '.env'),
      `DATABASE_URL=mysql://of:hunter2@127.0.0.1:${port}/the_file\nREDIS_URL=redis://127.0.0.1:${port}\nSTART_WAIT_SECONDS=1\n`,
    );
    const cannotBeUsed = `The state database at 127.0.0.1:${port} cannot be used: ECONNREFUSED.`;
    for (const name of ['migrate', 'worker']) expect((await doorwarden([name])).stderr, name).toContain(cannotBeUsed);
    const { code, stderr } = await doorwarden(['migrate'], { DATABASE_URL: 'mysql://of@127.0.0.1:1/the_environment' });
    expect([code, stderr]).toEqual([1, expect.stringContaining('127.0.0.1:1 cannot be used')]);
  });

  it('is read by the command line', async () => {
    const port = await freePort();
    const text = `DOORWARDEN_API=http://127.0.0.1:${port}\nDOORWARDEN_API_KEY=dw_of_the_file\n`;
    await writeFile(join(folder, '.env'), text);
    const { code, stderr } = await doorwarden(['policy', 'list']);
    expect(code).not.toBe(0);
    expect(stderr).toContain(`127.0.0.1:${port}`);
  });

  it('that is broken is told with its line, and without its values', async () => {
    await writeFile(join(folder, '.env'), 'LOG_LEVEL=warn\nDATABASE_URL="mysql://of:hunter2@127.0.0.1/d\n');
    const { code, stderr } = await doorwarden(['migrate']);
    expect(code).toBe(1);
    expect(stderr).toContain('.env, line 2: this is no NAME=value, or its quote does not end.');
    expect(stderr).not.toContain('hunter2');
  });
});
