import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_POLICY_TEXT } from '../../src/protocols/sql/policy/default-bundle.js';
import type { GrantView } from '../../src/contracts/grants/grant.js';
import { makeServerCertificate } from '../support/certificates.js';
import { approveNext, untilHeld } from '../support/decide.js';
import { runCommandLine, startCommand } from '../support/grant-command.js';
import { servers } from '../support/engines.js';
import { call, registerShop, type ShopTarget, untilState } from '../support/grants.js';
import { findMysql97 } from '../support/mysql97.js';
import { useSharedBroker } from '../support/shared-broker.js';

/** Longer than this, a grant has to be approved by people; everything else is as on a new installation. */
const FREE_SECONDS = 900;
/** For a grant of this length people have a second. */
const HASTY_SECONDS = 1_300;
const POLICIES = DEFAULT_POLICY_TEXT.replace(
  /@id\("grants"\)\s*permit[^;]*;/,
  `@id("short-grants")
permit (principal, action == Action::"requestGrant", resource) when { context.ttlSeconds <= ${FREE_SECONDS} };
@id("long-grants") @hold("10m")
permit (principal, action == Action::"requestGrant", resource)
when { context.ttlSeconds != ${HASTY_SECONDS} && context.approved };
@id("hasty-grants") @hold("1s")
permit (principal, action == Action::"requestGrant", resource)
when { context.ttlSeconds == ${HASTY_SECONDS} && context.approved };`,
);
const PYTHON = '/usr/bin/python3'; // the one that Debian's packages belong to
const MS_PER_SECOND = 1_000;

const broker = useSharedBroker(POLICIES);
const mysql97 = await findMysql97();
let shop: ShopTarget;
let folder: string;

beforeAll(async () => {
  shop = await registerShop(broker(), servers().mariadb);
  folder = await mkdtemp(join(tmpdir(), 'run-test-'));
});
afterAll(async () => {
  await shop?.drop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

const asked = (...more: string[]): string[] => [
  'run',
  '--target',
  shop.name,
  '--task',
  'A test',
  '--ttl',
  '10m',
  ...more,
];
const run = (...args: string[]) => runCommandLine(broker(), asked(...args), { cwd: folder });
const start = (...args: string[]) => startCommand(broker(), asked(...args), { cwd: folder });

/** The grant whose recording standard error names. */
function grantIn(stderr: string): string {
  return /recording: (\w{26})/.exec(stderr)?.[1] ?? `none in ${stderr}`;
}

async function newestGrants(): Promise<readonly GrantView[]> {
  const path = `/v1/grants?target=${shop.name}`;
  return (await call<{ items: GrantView[] }>(broker(), 'GET', path, { key: broker().keys.operator })).body.items;
}

describe('a program in a grant', () => {
  it('has standard output to itself, a connection and no credential of the broker; the grant is closed', async () => {
    const printing = `console.log(JSON.stringify(process.env)); console.log(require('node:fs').readdirSync(process.env.DOORWARDEN_FILES).join())`;
    const { stdout, stderr, exitCode } = await runCommandLine(broker(), asked('--', 'node', '-e', printing), {
      cwd: folder,
      env: { OWN: 'kept', PATH: `${join(process.execPath, '..')}:${process.env['PATH']}` },
    });
    expect({ stderr, exitCode }).toEqual({
      stderr: expect.stringMatching(/^doorwarden run: The grant is closed\. Its recording: \w{26}\n$/),
      exitCode: 0,
    });
    const [line = '', files] = stdout.trimEnd().split('\n');
    const env = JSON.parse(line) as Record<string, string>;
    expect(env).toMatchObject({
      OWN: 'kept',
      MYSQL_HOST: expect.any(String),
      MYSQL_PWD: expect.any(String),
      MYSQL_DATABASE: shop.database,
      DATABASE_URL: expect.stringMatching(/^mysql:\/\//),
      DOORWARDEN_GRANT: grantIn(stderr),
    });
    expect(env).not.toHaveProperty('DOORWARDEN_API_KEY');
    expect(env['MYSQL_SSL_CA']).toBe(join(env['DOORWARDEN_FILES'] ?? '', 'doorwarden-ca.pem'));
    expect(env['MYSQL_HOME']).toBe(env['DOORWARDEN_FILES']);
    expect(files).toContain('my.cnf');
    expect(existsSync(env['DOORWARDEN_FILES'] ?? '')).toBe(false);
    const grant = await untilState(broker(), grantIn(stderr), 'sealed');
    expect(grant).toMatchObject({ closeReason: 'completed', task: { title: 'A test' }, ttlSeconds: 600 });
  });

  it('has nothing of a file .env that the command reads its own settings from', async () => {
    await writeFile(join(folder, '.env'), 'REDIS_URL=redis://secret\n');
    const { stdout } = await run('--', 'sh', '-c', 'echo "[$REDIS_URL]"');
    await rm(join(folder, '.env'));
    expect(stdout).toBe('[]\n');
  });

  const QUESTION = 'SELECT COUNT(*) FROM orders';
  it.each(['mariadb', 'mysql'])('%s needs no options', async (client) => {
    const { stdout, stderr, exitCode } = await run('--', client, '-N', '-e', QUESTION);
    expect({ stdout, exitCode, stderr }).toMatchObject({ stdout: '3\n', exitCode: 0 });
  });

  it.skipIf(!mysql97.available)("MySQL's own client needs none either, and verifies whom it talks to", async () => {
    const installed = join(mysql97.available ? mysql97.bin : '', 'mysql');
    // As it is set up for tests it reads no option files, which is what this test is about.
    const client = join(folder, 'mysql97');
    const script = (await readFile(installed, 'utf8')).replace(' --no-defaults', '').replace('$0', installed);
    await writeFile(client, script, { mode: 0o700 });
    expect(await run('--', client, '-N', '-e', QUESTION)).toMatchObject({ stdout: '3\n', exitCode: 0 });
    const { ca } = await makeServerCertificate(folder);
    await writeFile(join(folder, 'other-ca.pem'), ca);
    const trusting = `cp other-ca.pem "$DOORWARDEN_FILES/doorwarden-ca.pem"; "${client}" -e 'SELECT 1' 2>&1`;
    expect((await run('--', 'sh', '-c', trusting)).stdout).toMatch(/^ERROR 2026 .*certificate verify failed/);
  });

  it.each(['mysqldump', 'mariadb-dump'])('%s writes a dump', async (program) => {
    const { stdout, exitCode, stderr } = await run(
      '--read',
      `${shop.database}.*`,
      '--',
      program,
      '--single-transaction',
      '--no-tablespaces',
      shop.database,
      'orders',
    );
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(stdout).toContain('INSERT INTO `orders` VALUES');
  });

  it('a program of Node.js takes DATABASE_URL, and one of Python the variables', async () => {
    const script = join(folder, 'count.mjs');
    const mysql2 = import.meta.resolve('mysql2/promise');
    await writeFile(
      script,
      `import mysql from ${JSON.stringify(mysql2)};
const connection = await mysql.createConnection(process.env.DATABASE_URL);
console.log((await connection.query('${QUESTION}'))[0][0]['COUNT(*)']);
await connection.end();`,
    );
    expect(await run('--', process.execPath, script)).toMatchObject({ stdout: '3\n', exitCode: 0 });
    const python = `
import os, pymysql
env = os.environ
connection = pymysql.connect(host=env["MYSQL_HOST"], port=int(env["MYSQL_TCP_PORT"]), user=env["MYSQL_USER"],
  password=env["MYSQL_PWD"], database=env["MYSQL_DATABASE"], ssl_ca=env["MYSQL_SSL_CA"], ssl_verify_cert=True)
with connection, connection.cursor() as cursor:
  cursor.execute("${QUESTION}")
  print(cursor.fetchone()[0])`;
    expect(await run('--', PYTHON, '-c', python)).toMatchObject({ stdout: '3\n', exitCode: 0 });
  });

  it('ends the command with its exit code, or with that of its signal', async () => {
    expect((await run('--', 'sh', '-c', 'exit 7')).exitCode).toBe(7);
    expect((await run('--', 'sh', '-c', 'kill -TERM $$')).exitCode).toBe(128 + 15);
  });

  it('that cannot be started asks for no grant', async () => {
    const before = (await newestGrants()).length;
    const script = join(folder, 'not-to-run');
    await writeFile(script, 'x');
    await chmod(script, 0o600);
    const missing = await run('--', 'no-such-program');
    expect(missing).toMatchObject({ exitCode: 127, stdout: '' });
    expect(missing.stderr).toBe('doorwarden run: There is no program no-such-program in the folders of PATH.\n');
    expect((await run('--', script)).exitCode).toBe(126);
    expect((await newestGrants()).length).toBe(before);
  });

  it('that the system refuses to start is told of, and its grant is closed', async () => {
    const script = join(folder, 'no-program');
    await writeFile(script, '#!/no/such/interpreter\n');
    await chmod(script, 0o700);
    const { exitCode, stderr } = await run('--', script);
    expect(exitCode).toBe(127);
    expect(stderr).toMatch(/could not be started \(ENOENT\)/);
    expect((await untilState(broker(), grantIn(stderr), 'sealed')).closeReason).toBe('completed');
  });

  it('runs beside another one, each in its own grant', async () => {
    const both = await Promise.all([1, 2].map(() => run('--', 'mariadb', '-N', '-e', QUESTION)));
    expect(both.map(({ stdout }) => stdout)).toEqual(['3\n', '3\n']);
    expect(new Set(both.map(({ stderr }) => grantIn(stderr))).size).toBe(2);
  });
});

describe('waiting for people', () => {
  const long = ['--ttl', `${FREE_SECONDS + 1}s`];
  const pending = async (command: ReturnType<typeof start>): Promise<string> => {
    const [, id = ''] = /approvals\/(\w{26})/.exec(await command.untilSaid(/approvals\/\w{26}/)) ?? [];
    return id;
  };
  const decide = (id: string, body: object) =>
    call(broker(), 'POST', `/v1/approvals/${id}/decisions`, { key: broker().keys.approver, body });

  it('says whom it waits for, until when, and where they decide; then the program runs', async () => {
    const command = start(...long, '--', 'echo', 'done');
    const id = await pending(command);
    expect(command.stderr()).toMatch(
      /^doorwarden run: Waits for an approver, asked at .* UTC, until .* UTC: http:\/\/127\.0\.0\.1:\d+\/approvals\/\w{26}\n/,
    );
    expect(await decide(id, { decision: 'approve' })).toMatchObject({ status: 200 });
    const { stdout, stderr, exitCode } = await command.outcome;
    expect({ stdout, exitCode }).toEqual({ stdout: 'done\n', exitCode: 0 });
    expect(stderr).toContain('The grant is active until ');
  });

  it('ends with 125 when they deny it, in their words', async () => {
    const command = start(...long, '--', 'echo', 'done');
    await decide(await pending(command), { decision: 'deny', reason: 'Not on a Friday.' });
    const { stdout, stderr, exitCode } = await command.outcome;
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 125 });
    expect(stderr).toMatch(/An approver denied the grant\. .*Not on a Friday\..*\(grant_denied\)\n$/);
  });

  it('ends with 125 when nobody decides in time, and says what to do', async () => {
    const { stdout, stderr, exitCode } = await run('--ttl', `${HASTY_SECONDS}s`, '--', 'echo', 'done');
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 125 });
    expect(stderr).toMatch(
      /Nobody decided on the grant in time\. Ask again, or ask an approver to look\. \(grant_approval_timed_out\)\n$/,
    );
  });

  it('tells programs as JSON, one document a line', async () => {
    const command = start(...long, '--json', '--', 'echo', 'done');
    await decide(await pending(command), { decision: 'approve' });
    const { stderr } = await command.outcome;
    const events = stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string });
    // A gateway that is busy with others takes its time to open it.
    const told = events.map(({ event }) => event).filter((event) => event !== 'waits-for-gateway');
    expect(told).toEqual(['waits-for-people', 'active', 'closed', 'ended']);
    expect(events.at(-1)).toEqual({ event: 'ended', exitCode: 0 });
    expect(events.at(-2)).toMatchObject({ closeReason: 'completed', recording: expect.any(String) });
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('is ended by %s, and the request with it', async (signal, exitCode) => {
    const command = start(...long, '--', 'echo', 'done');
    const id = await pending(command);
    command.child.kill(signal);
    expect(await command.outcome).toMatchObject({ exitCode, stdout: '' });
    expect(await call(broker(), 'GET', `/v1/approvals/${id}`, { key: broker().keys.approver })).toMatchObject({
      body: { state: 'cancelled' },
    });
  });

  it('tells of a statement that waits, while its client says nothing', async () => {
    const command = start('--write', 'orders', '--', 'mariadb', '-e', 'UPDATE orders SET total = 11 WHERE id = 1');
    const said = await command.untilSaid(/A statement \(update\) waits for people until .* UTC: .*\n/);
    expect(said).toMatch(/\/approvals\/\w{26}\n$/);
    const [grant] = await newestGrants();
    await approveNext(broker(), grant?.id ?? '');
    expect(await command.outcome).toMatchObject({ exitCode: 0, stdout: '' });
  });

  it('is not for the program with --on-hold error', async () => {
    const update = 'UPDATE orders SET total = 12 WHERE id = 1';
    const { exitCode, stderr } = await run('--write', 'orders', '--on-hold', 'error', '--', 'mariadb', '-e', update);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('(statement_held)');
    const [held] = await untilHeld(broker(), grantIn(stderr), { count: 0 });
    expect(held).toBeUndefined();
  });
});

describe('a command that ends before its program', () => {
  it('says that the deadline came, and what to do; the program hears it from its database', async () => {
    const { stdout, stderr, exitCode } = await run(
      '--ttl',
      '3s',
      '--',
      'sh',
      '-c',
      'mariadb -N -e "SELECT 1; SELECT SLEEP(60)" 2>&1; echo "ended with $?"',
    );
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^1\n[^]*ended with 1\n$/);
    expect(stderr).toMatch(
      /The grant has reached its deadline\. It was .* UTC\. Ask for a new grant\. Its recording: \w{26}\n$/,
    );
  });

  it('passes a signal on, waits for its program, and closes', async () => {
    const trapping = 'trap "echo heard; exit 3" TERM; echo ready; while :; do sleep 0.05; done';
    const command = start('--', 'sh', '-c', trapping);
    await command.untilSaid(/ready/);
    command.child.kill('SIGTERM');
    const { stdout, stderr, exitCode } = await command.outcome;
    expect({ stdout, exitCode }).toEqual({ stdout: 'ready\nheard\n', exitCode: 3 });
    expect((await untilState(broker(), grantIn(stderr), 'sealed')).closeReason).toBe('completed');
  });

  it('leaves to the terminal what the terminal sends to both', async () => {
    const counting = `
import signal, sys, time
heard = []
signal.signal(signal.SIGINT, lambda *_: heard.append(1))
print("ready", flush=True)
until = time.time() + 30
while not heard and time.time() < until: time.sleep(0.05)
time.sleep(1)
print("heard", len(heard), flush=True)`;
    const pressing = `
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0: os.execvp(sys.argv[1], sys.argv[1:])
seen = b""
while b"ready" not in seen: seen += os.read(terminal, 1024)
os.write(terminal, b"\\x03")
try:
  while True: seen += os.read(terminal, 1024)
except OSError: pass
_, status = os.waitpid(pid, 0)
print(seen.decode().replace("\\r\\n", "\\n"), os.waitstatus_to_exitcode(status))`;
    const args = asked('--', PYTHON, '-c', counting);
    const { stdout } = await runInTerminal(pressing, args);
    expect(stdout).toMatch(/heard 1\n[^]* 0\n$/);
  });

  it('that is killed leaves a grant that ends by itself, and says that its deadline ended it', async () => {
    const telling = 'echo "grant $DOORWARDEN_GRANT in $DOORWARDEN_FILES."; sleep 1';
    const command = start('--ttl', '6s', '--', 'sh', '-c', telling);
    const said = /grant (\w{26}) in (.+)\.\n/;
    const [, id = '', files = ''] = said.exec(await command.untilSaid(said)) ?? [];
    expect(command.child.kill('SIGKILL')).toBe(true);
    const grant = await untilState(broker(), id, 'sealed', 60 * MS_PER_SECOND);
    expect(grant).toMatchObject({ closeReason: 'expired' });
    const { mode } = await stat(files); // a later command removes it, an hour after the deadline
    expect(mode & 0o777).toBe(0o700);
    await rm(files, { recursive: true });
  });

  /** The command as a person at a terminal has it, with a script in Python that holds the other end of the terminal. */
  async function runInTerminal(script: string, args: readonly string[]) {
    const { commandEnv } = await import('../support/grant-command.js');
    const { runProgram } = await import('../support/clients/program.js');
    const { ROOT } = await import('../support/folders.js');
    const cli = join(ROOT, 'dist', 'apps', 'cli', 'main.js');
    return runProgram(PYTHON, ['-c', script, process.execPath, cli, ...args], {
      env: commandEnv(broker()),
      cwd: folder,
    });
  }
});

describe('what is refused', () => {
  const own = (args: readonly string[], options: Parameters<typeof runCommandLine>[2] = {}) =>
    runCommandLine(broker(), [...args, '--', 'echo', 'done'], { cwd: folder, ...options });

  it("a person's credential, with what to use", async () => {
    const { exitCode, stdout, stderr } = await own(asked(), { key: broker().keys.operator });
    expect({ exitCode, stdout }).toEqual({ exitCode: 125, stdout: '' });
    expect(stderr).toMatch(/Only agents ask for grants: use an agent's key.*login --with-key --profile agent/);
  });

  it.each([
    ['a wrong key', () => asked(), { key: 'dw_wrong' }, /\(unauthenticated\)\n$/],
    ['no broker', () => asked(), { api: 'http://127.0.0.1:9' }, /cannot be reached/],
    ['an unknown target', () => ['run', '--target', 'none', '--task', 't'], {}, /\(target_not_found\)/],
    [
      'a table of an unknown target',
      () => ['run', '--target', 'none', '--task', 't', '--read', 'x'],
      {},
      /no target "none"/,
    ],
    [
      'access over the limits',
      () => asked('--access', `[{"database":"mysql","privileges":["SELECT"]}]`),
      {},
      /\(grant_privileges_over_limit\)/,
    ],
  ] as const)('%s', async (_, args, options, why) => {
    const { exitCode, stdout, stderr } = await own(args(), options);
    expect({ stdout, stderr }).toEqual({ stdout: '', stderr: expect.stringMatching(why) });
    expect(exitCode).toBe(/no target/.test(stderr) ? 2 : 125);
  });

  it.each([
    [['--ttl', '5'], /--ttl/],
    [['--access', 'x'], /Give JSON/],
    [['--access', '[]', '--read', 'x'], /Give JSON: a list|cannot be used with/],
    [['--on-hold', 'never'], /--on-hold/],
  ])('the options %j, before anything is asked', async (more, why) => {
    const { exitCode, stderr } = await own(asked(...more));
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringMatching(why) });
  });
});
