import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { cp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { approvalPage, type ApprovalSummaryView } from '../../src/contracts/approvals/approval.js';
import { grantPage, type GrantView } from '../../src/contracts/grants/grant.js';
import { DEFAULT_POLICY_TEXT } from '../../src/protocols/sql/policy/default-bundle.js';
import { decide } from '../support/approvals.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { makeServerCertificate } from '../support/certificates.js';
import { type Child, startChild } from '../support/child.js';
import { type ClientOutcome, runProgram } from '../support/clients/program.js';
import { hasPython, PYTHON, PYTHON_CLIENT, PYTHON_ENV } from '../support/clients/python.js';
import { engines, servers } from '../support/engines.js';
import { makeTemporaryFolder, ROOT } from '../support/folders.js';
import { registerShop, type ShopTarget } from '../support/grants.js';
import { bodyOf, callAs } from '../support/http.js';
import { makeTarget, type TestTarget, untilOver } from '../support/task.js';

/** The default ones, and people decide on grants of a certain length. */
const POLICIES = `${DEFAULT_POLICY_TEXT.replace(/@id\("grants"\)\s*permit[^;]*;/, '')}
@id("short-grants")
permit (principal, action == Action::"requestGrant", resource) when { context.ttlSeconds != 1200 };
@id("long-grants") @hold("10m")
permit (principal, action == Action::"requestGrant", resource) when { context.approved };
`;
const WAIT = { timeout: 45_000, interval: 50 };

const broker = useSharedBroker(POLICIES);
const folder = makeTemporaryFolder();
const hasDrivers = hasPython('pymysql', 'cryptography');
const hasSqlalchemy = hasDrivers && hasPython('sqlalchemy');
let shop: ShopTarget;

beforeAll(async () => {
  shop = await registerShop(broker(), servers().mariadb);
});
afterAll(async () => {
  await shop?.drop();
  await rm(folder, { recursive: true, force: true });
});

const environment = () => ({
  ...PYTHON_ENV,
  DOORWARDEN_API: broker().api,
  DOORWARDEN_API_KEY: broker().keys.agent,
  TMPDIR: folder,
});

function python(script: string, ...args: readonly string[]): Promise<ClientOutcome> {
  return runProgram(PYTHON, ['-c', script, ...args], { env: environment(), cwd: folder });
}

/** A program that goes on while the test acts; `log` has all that it prints. */
function pythonBeside(script: string, name: string): Child {
  const env = { PATH: process.env['PATH'] ?? '', ...environment() };
  return startChild({ command: PYTHON, args: ['-uc', script], logFile: join(folder, `${name}.log`), env, cwd: folder });
}

/** The question that waits for people at a target. */
function untilAsked({ name }: Pick<ShopTarget, 'name'>): Promise<ApprovalSummaryView> {
  return vi.waitFor(async () => {
    const path = `/v1/approvals?state=pending&target=${name}`;
    const { items } = bodyOf(await callAs(broker(), 'approver', { path }), approvalPage);
    const [first] = items;
    if (first === undefined || items.length > 1) throw new Error(`${items.length} questions wait`);
    return first;
  }, WAIT);
}

/** The last grant at a target, once it is over. */
async function lastGrant({ name }: Pick<ShopTarget, 'name'>): Promise<GrantView> {
  const { items } = bodyOf(await callAs(broker(), 'operator', { path: `/v1/grants?target=${name}` }), grantPage);
  const [last] = items;
  if (last === undefined) throw new Error('There is no grant');
  return untilOver(broker(), last.id);
}

const CLOSED = { state: 'sealed', closeReason: 'completed' };

describe.skipIf(!hasPython())('the Python package', () => {
  it('passes its own tests, with no more than the standard library', async () => {
    const outcome = await runProgram(PYTHON, ['-S', '-W', 'error::ResourceWarning', '-m', 'unittest'], {
      env: { ...PYTHON_ENV, TMPDIR: folder },
      cwd: join(PYTHON_CLIENT, 'tests'),
    });
    expect(outcome).toMatchObject({ exitCode: 0, stderr: expect.stringMatching(/Ran \d{2,} tests.*OK\s*$/s) });
  });

  it.skipIf(!hasPython('setuptools', 'wheel', 'pip'))('is built, and installed where nothing else is', async () => {
    const [source, built, installed] = [join(folder, 'source'), join(folder, 'built'), join(folder, 'installed')];
    await cp(PYTHON_CLIENT, source, { recursive: true }); // building writes beside the sources
    const inSource = (...args: readonly string[]): Promise<ClientOutcome> =>
      runProgram(PYTHON, args, { cwd: source, env: { HOME: folder } });
    const { version }: { version: string } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const sdist = ['-c', `from setuptools import build_meta; build_meta.build_sdist(${JSON.stringify(built)})`];
    expect(await inSource(...sdist)).toMatchObject({ exitCode: 0 });
    // What is published is built from that, by what is on this machine alone.
    const pip = ['-m', 'pip', '--disable-pip-version-check'];
    const nothingElse = ['--no-index', '--no-deps', '--no-cache-dir'];
    const wheel = [
      'wheel',
      '--no-build-isolation',
      ...nothingElse,
      '-w',
      built,
      join(built, `doorwarden-${version}.tar.gz`),
    ];
    expect(await inSource(...pip, ...wheel)).toMatchObject({ exitCode: 0 });
    const file = join(built, `doorwarden-${version}-py3-none-any.whl`);
    expect(await inSource(...pip, 'install', ...nothingElse, '--target', installed, file)).toMatchObject({
      exitCode: 0,
    });
    expect(await readdir(join(installed, `doorwarden-${version}.dist-info`))).toContain('LICENSE');
    const script = `import doorwarden, pathlib; print(doorwarden.__file__, pathlib.Path(doorwarden.__file__).with_name('py.typed').exists())`;
    const env = { PYTHONPATH: installed };
    expect(await runProgram(PYTHON, ['-c', script], { env, cwd: folder })).toMatchObject({
      stdout: `${installed}/doorwarden/__init__.py True\n`,
      exitCode: 0,
    });
  });

  it('trusts an api by the file of its authority, and nobody else', async () => {
    const { caFile, certificateFile, keyFile } = await makeServerCertificate(join(folder, 'tls'));
    const server = createServer(
      { cert: await readFile(certificateFile), key: await readFile(keyFile) },
      (_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"name":"agent"}'),
    ).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const ask = `import doorwarden; print(doorwarden.Client.from_environment().me()["name"])`;
    const me = (env: object): Promise<ClientOutcome> =>
      runProgram(PYTHON, ['-c', ask], {
        env: { ...environment(), DOORWARDEN_API: `https://127.0.0.1:${port}`, ...env },
      });
    try {
      expect(await me({ DOORWARDEN_CA_FILE: caFile })).toMatchObject({ exitCode: 0, stdout: 'agent\n' });
      expect(await me({})).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('CERTIFICATE_VERIFY_FAILED') });
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});

describe.skipIf(!hasDrivers)('README of the Python package', () => {
  const [first = '', held = ''] = [
    ...readFileSync(join(PYTHON_CLIENT, 'README.md'), 'utf8').matchAll(/```python\n(.*?)```/gs),
  ].map(([, code = '']) => code);
  const atShop = (code: string): string => code.replaceAll('"shop"', JSON.stringify(shop.name));

  it('has a first example that works, and its grant is over afterwards', async () => {
    expect(await python(atShop(first))).toEqual({ exitCode: 0, stderr: '', stdout: 'orders: 3\n' });
    expect(await lastGrant(shop)).toMatchObject({
      ...CLOSED,
      task: { title: 'Count the orders', reference: 'OPS-17' },
      access: [{ database: shop.database, tables: ['orders'], privileges: ['SELECT'] }],
    });
  });

  it('has an example that waits for people, and then changes a row', async () => {
    const running = python(`import doorwarden, pymysql\n${atShop(held)}`);
    const { id } = await untilAsked(shop);
    await decide(broker(), id, { decision: 'approve' });
    const { exitCode, stdout, stderr } = await running;
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain(`${broker().api}/approvals/${id}`);
    expect(stdout).toContain('changed: 1\n');
    expect(await lastGrant(shop)).toMatchObject(CLOSED);
  });
});

describe.each(engines())('an example of the Python package on $flavour $version', (engine) => {
  let target: TestTarget;
  beforeAll(async () => {
    // Its database has a name that every form has to escape.
    target = await makeTarget(broker(), engine, {
      schema: [
        'CREATE TABLE orders (id INT PRIMARY KEY, total INT NOT NULL)',
        'INSERT INTO orders VALUES (1, 10), (2, 20), (3, 30)',
      ],
    });
  });
  afterAll(() => target?.drop());

  const example = (name: string, ...args: readonly string[]): Promise<ClientOutcome> =>
    runProgram(PYTHON, [join(PYTHON_CLIENT, 'examples', name), target.name, ...args], { env: environment() });

  it.skipIf(!hasDrivers)('with PyMySQL counts', async () => {
    const { stdout, stderr, exitCode } = await example('with_pymysql.py');
    const { id, ...grant } = await lastGrant(target);
    expect(grant).toMatchObject(CLOSED);
    expect({ stdout, stderr, exitCode }).toEqual({ stdout: 'orders: 3\n', stderr: `recording: ${id}\n`, exitCode: 0 });
  });

  it.skipIf(!hasSqlalchemy)(
    'with SQLAlchemy changes what is approved, and says why it does not change what is denied',
    async () => {
      const approved = example('with_sqlalchemy.py', '1', '25');
      await decide(broker(), (await untilAsked(target)).id, { decision: 'approve' });
      expect(await approved).toMatchObject({ exitCode: 0, stdout: 'changed: 1\n' });
      expect(await lastGrant(target)).toMatchObject(CLOSED);
      const denied = example('with_sqlalchemy.py', '2', '0');
      await decide(broker(), (await untilAsked(target)).id, { decision: 'deny', reason: 'Order 2 is paid.' });
      expect(await denied).toMatchObject({ exitCode: 0, stdout: 'not changed: Order 2 is paid.\n' });
      expect(await lastGrant(target)).toMatchObject(CLOSED);
    },
  );

  it('gives a program an environment in which mariadb needs no options', async () => {
    const script = `
import doorwarden, os, subprocess, sys
with doorwarden.grant(sys.argv[1], "Ask with mariadb") as connection:
    env = {**os.environ, **connection.environment()}
    subprocess.run(["mariadb", "--batch", "--skip-column-names", "-e", "SELECT COUNT(*) FROM orders"], env=env, check=True)
print(connection.folder.exists() if connection._folder else "removed")`;
    expect(await python(script, target.name)).toEqual({ exitCode: 0, stderr: '', stdout: '3\nremoved\n' });
  });
});

describe.skipIf(!hasPython())('a grant that people decide on, from Python', () => {
  const SCRIPT = `
import doorwarden, sys
def tell(progress):
    asked = isinstance(progress, doorwarden.WaitsForPeople)
    print(type(progress).__name__, progress.approval.link if asked else "", file=sys.stderr, flush=True)
try:
    with doorwarden.grant(sys.argv[1], "Take long", ttl_seconds=1200, on_progress=tell) as connection:
        print("open", connection.grant.state)
except doorwarden.GrantDeniedError as denied:
    print("denied", denied.code, denied)`;

  it('opens once they have approved', async () => {
    const running = python(SCRIPT, shop.name);
    const { id } = await untilAsked(shop);
    await decide(broker(), id, { decision: 'approve' });
    const { stdout, stderr, exitCode } = await running;
    expect({ stdout, exitCode }).toEqual({ stdout: 'open active\n', exitCode: 0 });
    expect(stderr).toContain(`WaitsForPeople ${broker().api}/approvals/${id}\n`);
    expect(stderr).toMatch(/Active \n$/);
    expect(await lastGrant(shop)).toMatchObject(CLOSED);
  });

  it('is a typed error once they have denied, with what they wrote', async () => {
    const running = python(SCRIPT, shop.name);
    await decide(broker(), (await untilAsked(shop)).id, { decision: 'deny', reason: 'Not on a Monday.' });
    const { stdout } = await running;
    expect(stdout).toMatch(/^denied grant_denied .*Not on a Monday/);
  });

  it('is waited for while the api restarts', async () => {
    const running = python(SCRIPT, shop.name);
    const { id } = await untilAsked(shop);
    await broker().restart('api');
    await decide(broker(), id, { decision: 'approve' });
    expect(await running).toMatchObject({ stdout: 'open active\n', exitCode: 0 });
    expect(await lastGrant(shop)).toMatchObject(CLOSED);
  });
});

describe.skipIf(!hasPython())('a Python program', () => {
  it('is told in one sentence why there is no grant', async () => {
    const script = `
import doorwarden, sys
try:
    with doorwarden.Client.from_environment().grant(sys.argv[1], "Ask"):
        print("open")
except doorwarden.DoorwardenError as error:
    print(type(error).__name__, getattr(error, "code", None), "\\n" in str(error))`;
    const ask = async (target: string, env: object): Promise<string> =>
      (await runProgram(PYTHON, ['-c', script, target], { env: { ...environment(), ...env } })).stdout;
    const { approver } = broker().keys;
    expect(await ask(shop.name, { DOORWARDEN_API_KEY: approver })).toBe('ApiFailure forbidden False\n');
    expect(await ask(shop.name, { DOORWARDEN_API_KEY: 'dw_wrong' })).toBe('ApiFailure unauthenticated False\n');
    expect(await ask('nothing', {})).toBe('ApiFailure target_not_found False\n');
    expect(await ask(shop.name, { DOORWARDEN_API: 'http://127.0.0.1:1' })).toBe('ApiFailure None False\n');
  });

  it('has two grants at once, each with an account of its own', async () => {
    const script = `
import doorwarden, threading, sys
client, seen, both = doorwarden.Client.from_environment(), [], threading.Barrier(2, timeout=60)
def work():
    with client.grant(sys.argv[1], "Ask at once") as connection:
        seen.append((connection.username, connection.folder))
        both.wait()
threads = [threading.Thread(target=work) for _ in range(2)]
[each.start() for each in threads]
[each.join() for each in threads]
print(len(set(seen)), len({name for name, _ in seen}), [folder.exists() for _, folder in seen])`;
    expect(await python(script, shop.name)).toEqual({ exitCode: 0, stderr: '', stdout: '2 2 [False, False]\n' });
  });
});

describe.skipIf(!hasPython())('a Python program that is ended while it has a grant', () => {
  const script = (ttlSeconds: number): string => `
import doorwarden, time
with doorwarden.grant("${shop.name}", "Wait", ttl_seconds=${ttlSeconds}, close_on_sigterm=True) as connection:
    print("grant", connection.grant.id, connection.folder)
    while True:
        time.sleep(1)`;
  const untilOpen = async (child: Child): Promise<{ readonly id: string; readonly files: string }> =>
    vi.waitFor(() => {
      const [, id = '', files = ''] = /^grant (\w{26}) (\S+)$/m.exec(child.log()) ?? [];
      if (id === '') throw new Error(`No grant yet: ${child.log()}`);
      return { id, files };
    }, WAIT);

  it.each([
    ['SIGINT', null], // Python ends itself by it, so that its own caller sees that
    ['SIGTERM', 143],
  ] as const)('by %s closes it, and leaves no file', async (signal, exitCode) => {
    const child = pythonBeside(script(600), signal);
    const { id, files } = await untilOpen(child);
    child.signal(signal);
    await child.exited();
    expect(await untilOver(broker(), id)).toMatchObject(CLOSED);
    await expect(readFile(join(files, 'my.cnf'))).rejects.toThrow('ENOENT');
    expect(child.exitCode).toBe(exitCode);
  });

  it('by SIGKILL leaves it to its deadline, and the grant says so', async () => {
    const child = pythonBeside(script(3), 'SIGKILL');
    const { id } = await untilOpen(child);
    await child.kill();
    expect(await untilOver(broker(), id)).toMatchObject({ state: 'sealed', closeReason: 'expired' });
  });
});
