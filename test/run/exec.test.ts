import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GrantView } from '../../src/contracts/grants/grant.js';
import { commandEnv, runCommandLine, startCommand } from '../support/grant-command.js';
import { runAsRoot } from '../support/databases.js';
import { approveNext, untilHeld } from '../support/decide.js';
import { engines, servers } from '../support/engines.js';
import { ROOT } from '../support/folders.js';
import { call, registerShop, type ShopTarget, untilState } from '../support/grants.js';
import { useSharedBroker } from '../support/shared-broker.js';

const CLI = join(ROOT, 'dist', 'apps', 'cli', 'main.js');
const HIDDEN = '\u202e\u001b[31m';
const MIB = 1024 * 1024;

const broker = useSharedBroker('default');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exec-test-'));
});
afterAll(async () => {
  if (folder) await rm(folder, { recursive: true, force: true });
});

const exec = (args: readonly string[], options: Parameters<typeof runCommandLine>[2] = {}) =>
  runCommandLine(broker(), ['exec', ...args], { cwd: folder, ...options });

describe.each(engines())('statements on $flavour $version', (engine) => {
  let shop: ShopTarget;
  beforeAll(async () => {
    shop = await registerShop(broker(), engine);
    await runAsRoot(engine, [
      `CREATE TABLE ${shop.database}.kinds (id BIGINT UNSIGNED PRIMARY KEY, price DECIMAL(30,10), ratio DOUBLE, name VARCHAR(50) CHARACTER SET utf8mb4, body VARBINARY(10), day DATE, doc JSON)`,
      `INSERT INTO ${shop.database}.kinds VALUES (18446744073709551615, 12345678901234567890.0123456789, 0.1, CONVERT(0x${Buffer.from(`a"b,${HIDDEN}é`).toString('hex')} USING utf8mb4), 0x00FF, '2026-11-30', '{"a": 1}'), (7, NULL, 1e300, '', NULL, NULL, NULL)`,
    ]);
  });
  afterAll(() => shop?.drop());

  it('as a table for people, in which no value speaks to the terminal', async () => {
    const { stdout, stderr, exitCode } = await exec([shop.name, 'SELECT id, name FROM kinds ORDER BY id DESC']);
    expect(exitCode).toBe(0);
    expect(stdout).toBe(
      [
        '                  id  name',
        '18446744073709551615  a"b,⟨U+202E⟩⟨U+001B⟩[31mé',
        '                   7',
        '(2 rows)',
        '',
      ].join('\n'),
    );
    expect(stderr).toMatch(/^doorwarden exec: The grant is closed\. Its recording: \w{26}\n$/);
  });

  it('as JSON, in which no number is rounded', async () => {
    const { stdout } = await exec([shop.name, 'SELECT * FROM kinds ORDER BY id DESC', '--format', 'json']);
    expect(stdout).not.toContain('\u202e');
    expect(stdout).toMatch(/^[^\n]*\n$/);
    const { columns, rows } = JSON.parse(stdout) as { columns: { name: string; type: string }[]; rows: unknown[][] };
    expect(columns.map(({ name }) => name)).toEqual(['id', 'price', 'ratio', 'name', 'body', 'day', 'doc']);
    expect(rows).toEqual([
      [
        '18446744073709551615',
        '12345678901234567890.0123456789',
        0.1,
        `a"b,${HIDDEN}é`,
        '0x00FF',
        '2026-11-30',
        '{"a": 1}',
      ],
      [7, null, 1e300, '', null, null, null],
    ]);
  });

  it('as CSV, with the values as they are', async () => {
    const { stdout } = await exec([
      shop.name,
      'SELECT id, name, price, body FROM kinds ORDER BY id DESC',
      '--format',
      'csv',
    ]);
    expect(stdout).toBe(
      `id,name,price,body\r\n18446744073709551615,"a""b,${HIDDEN}é",12345678901234567890.0123456789,0x00FF\r\n7,"",,\r\n`,
    );
  });
});

describe('on a target', () => {
  let shop: ShopTarget;
  beforeAll(async () => {
    shop = await registerShop(broker(), servers().mariadb);
  });
  afterAll(() => shop?.drop());

  const newest = async (): Promise<string> =>
    (
      await call<{ items: GrantView[] }>(broker(), 'GET', `/v1/grants?target=${shop.name}`, {
        key: broker().keys.operator,
      })
    ).body.items[0]?.id ?? '';

  it('statements of a file and of standard input run one after the other, up to the one that fails', async () => {
    const file = join(folder, 'two.sql');
    await writeFile(file, "SELECT 'a;b' AS x; -- not; here\nSELECT 2 AS y;\n");
    expect((await exec([shop.name, '--file', file])).stdout).toBe('x\na;b\n(1 row)\ny\n2\n(1 row)\n');
    const piped = await exec([shop.name, '--json'], { input: 'SELECT 1 AS x; SELECT nothing; SELECT 3 AS z' });
    expect(piped).toMatchObject({ exitCode: 1, stdout: '{"columns":[{"name":"x","type":"long"}],"rows":[[1]]}\n' });
    const events = piped.stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(events.map(({ event }) => event)).toEqual(['active', 'failed', 'closed', 'ended']);
    expect(events[1]?.['message']).toMatch(/^Statement 2 of 3: .*nothing/);
  });

  it('a change waits for people, who are named on standard error, and then says what it did', async () => {
    const update = 'UPDATE orders SET total = 11 WHERE id = 1';
    const command = startCommand(broker(), ['exec', shop.name, update, '--write', 'orders', '--task', 'Fix it']);
    await command.untilSaid(/A statement \(update\) waits for people until .*approvals\/\w{26}/);
    await approveNext(broker(), await newest());
    const { stdout, exitCode } = await command.outcome;
    expect({ stdout, exitCode }).toEqual({ stdout: '(1 row changed)\n', exitCode: 0 });
  });

  it('what the policy denies, or what is outside of the grant, fails in the words of the broker', async () => {
    const denied = await exec([shop.name, "SELECT 1 INTO OUTFILE '/tmp/x'"]);
    expect(denied).toMatchObject({ exitCode: 1, stdout: '' });
    expect(denied.stderr).toMatch(/Doorwarden: .*\(statement_denied\)\n/);
    const outside = await exec([shop.name, 'SELECT * FROM mysql.user']);
    expect(outside.stderr).toMatch(/\(statement_\w+\)\n/);
  });

  it('Ctrl-C while a statement waits ends it and closes the grant', async () => {
    const update = 'UPDATE orders SET total = 12 WHERE id = 1';
    const command = startCommand(broker(), ['exec', shop.name, update, '--write', 'orders']);
    await untilQuestion(() => newest());
    command.child.kill('SIGINT');
    const { exitCode, stderr } = await command.outcome;
    expect(exitCode).toBe(130);
    const [, id = ''] = /recording: (\w{26})/.exec(stderr) ?? [];
    expect((await untilState(broker(), id, 'sealed')).closeReason).toBe('completed');
  });

  it.each([
    ['no statement', ['; -- nothing'], /There is no statement in it\./],
    ['a quote that does not end', ["SELECT 'x"], /cannot be taken apart/],
    ['a file that is not there', ['--file', '/no/such/file.sql'], /cannot be read \(ENOENT\)/],
    ['both forms at once', ['SELECT 1', '--file', 'x.sql'], /not both/],
    ['a form that is none', ['SELECT 1', '--format', 'xml'], /Allowed choices are table, json, csv/],
  ])('with %s nothing is asked', async (_, args, why) => {
    const before = await newest();
    const { exitCode, stderr } = await exec([shop.name, ...args]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringMatching(why) });
    expect(await newest()).toBe(before);
  });

  it('100 MB of rows go through a few megabytes of memory, as slowly as they are read', async () => {
    const wide = 'SELECT REPEAT(a.id, 50000) FROM orders a, orders b, orders c, orders d, orders e, orders f, orders g';
    const args = ['--max-old-space-size=48', CLI, 'exec', shop.name, wide, '--format', 'csv'];
    const child = spawn(process.execPath, args, { env: commandEnv(broker()), stdio: ['ignore', 'pipe', 'ignore'] });
    let bytes = 0;
    let memoryKib = 0;
    for await (const chunk of child.stdout) {
      bytes += (chunk as Buffer).length;
      if (bytes % 512 === 0 || bytes > 100 * MIB) {
        const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
        memoryKib = Math.max(memoryKib, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
      }
    }
    expect(bytes).toBeGreaterThan(100 * 1_000_000);
    expect(memoryKib).toBeGreaterThan(0);
    expect(memoryKib / 1024).toBeLessThan(300);
  });

  it('a reader that goes away ends it, and the grant is closed', async () => {
    const wide = 'SELECT REPEAT(a.id, 50000) FROM orders a, orders b, orders c, orders d, orders e, orders f';
    const line = `"${process.execPath}" "${CLI}" exec ${shop.name} "${wide}" --format csv 2>"${folder}/said" | head -c 10`;
    await new Promise((ended) => spawn('sh', ['-c', line], { env: commandEnv(broker()) }).once('close', ended));
    const [, id = ''] = /recording: (\w{26})/.exec(await untilText(join(folder, 'said'), /recording/)) ?? [];
    expect((await untilState(broker(), id, 'sealed')).closeReason).toBe('completed');
  });

  /** Waits until the newest grant has a question. */
  async function untilQuestion(grant: () => Promise<string>): Promise<void> {
    await expect
      .poll(async () => {
        const id = await grant();
        return id === '' ? 0 : (await untilHeld(broker(), id, { count: 0 })).length;
      })
      .toBe(1);
  }

  async function untilText(path: string, pattern: RegExp): Promise<string> {
    await expect.poll(() => readFile(path, 'utf8')).toMatch(pattern);
    return readFile(path, 'utf8');
  }
});
