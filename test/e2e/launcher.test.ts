import { chmod, copyFile, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClientOutcome, runProgram } from '../support/clients/program.js';
import { makeDatabase, type OwnDatabase } from '../support/databases.js';
import { servers } from '../support/engines.js';
import { makeTemporaryFolder, ROOT } from '../support/folders.js';

const INSTALL_MS_MAX = 300_000;
const QUIET = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];

const { version }: { readonly version: string } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
const folder = makeTemporaryFolder();
afterAll(() => rm(folder, { recursive: true, force: true }));

/** With Node.js 24 at the front of the PATH, as where it is what the machine has. */
function withNode(node = process.execPath): NodeJS.ProcessEnv {
  return { PATH: `${dirname(node)}${delimiter}${process.env['PATH']}` };
}

/** What npm needs to find its cache and its registry. */
function npmEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, ...withNode() };
}

/** A folder with a `node` that only says its version. */
async function fakeNode(says: string): Promise<string> {
  const path = join(folder, `node-${says}`, 'node');
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `#!/bin/sh\necho ${says}\n`);
  await chmod(path, 0o755);
  return path;
}

describe('the launcher at the root of a checkout', () => {
  it('uses the Node.js that it needs, whatever the machine has, from any folder', async () => {
    const env = { PATH: `${dirname(await fakeNode('v20.20.2'))}${delimiter}/usr/bin${delimiter}/bin` };
    expect(await runProgram(join(ROOT, 'doorwarden'), ['--version'], { env })).toEqual({
      exitCode: 0,
      stdout: `${version}\n`,
      stderr: '',
    });
  });

  it('says in one line what is missing where it cannot', async () => {
    const elsewhere = join(folder, 'checkout');
    await mkdir(elsewhere, { recursive: true });
    await copyFile(join(ROOT, 'doorwarden'), join(elsewhere, 'doorwarden'));
    const run = async (says: string): Promise<ClientOutcome> =>
      runProgram(join(elsewhere, 'doorwarden'), ['version'], { env: withNode(await fakeNode(says)) });
    for (const old of ['v20.20.2', 'v4.9.1', 'v23.11.0']) {
      expect(await run(old)).toMatchObject({
        exitCode: 1,
        stdout: '',
        stderr: oneLine('Node.js 24 or newer is needed'),
      });
    }
    for (const now of ['v24.0.0', 'v30.1.0', 'v100.0.0']) {
      expect(await run(now)).toMatchObject({ exitCode: 1, stdout: '', stderr: oneLine('run: npm run build') });
    }
  });
});

describe('the packed tarball', () => {
  let tarball: string;
  let database: OwnDatabase;

  beforeAll(async () => {
    database = await makeDatabase(servers().mariadb);
    const { stdout } = await runProgram('npm', ['pack', ROOT, '--loglevel=error', `--pack-destination=${folder}`], {
      env: npmEnvironment(),
      cwd: folder,
    });
    tarball = join(folder, stdout.trim());
  }, INSTALL_MS_MAX);
  afterAll(async () => database?.drop());

  it('holds what it needs to run, and no tests', async () => {
    const { stdout } = await runProgram('tar', ['--list', '--file', tarball]);
    const files = stdout.split('\n');
    expect(files).toEqual(
      expect.arrayContaining(
        ['bin/doorwarden.cjs', 'dist/apps/gateway.js', 'dist/licenses.txt', 'dist/web/index.html'].map(
          (file) => `package/${file}`,
        ),
      ),
    );
    expect(files.filter((file) => /test|fixture|apps\/quickstart|\.tsbuildinfo|\.env$/.test(file))).toEqual([]);
    expect(JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'))).not.toHaveProperty('private');
  });

  describe('installed', () => {
    const prefix = join(folder, 'global');
    beforeAll(async () => {
      const installed = await runProgram('npm', ['install', '--global', `--prefix=${prefix}`, ...QUIET, tarball], {
        env: npmEnvironment(),
        cwd: folder,
      });
      expect(installed).toMatchObject({ exitCode: 0 });
    }, INSTALL_MS_MAX);

    it('with npm i -g runs, and says in one line what is missing under an older Node.js', async () => {
      const doorwarden = join(prefix, 'bin', 'doorwarden');
      const run = (args: readonly string[], env = {}): Promise<ClientOutcome> =>
        runProgram(doorwarden, args, { cwd: folder, env: { ...withNode(), ...env } });
      expect(await run(['--version'])).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
      expect(await run(['migrate'], { DATABASE_URL: database.url })).toMatchObject({ exitCode: 0, stderr: '' });
      expect(await run(['verify', 'missing.tar'])).toMatchObject({ exitCode: 2, stderr: oneLine('missing.tar') });
      const pretends = join(folder, 'pretend.cjs');
      await writeFile(pretends, "Object.defineProperty(process.versions, 'node', { value: '20.20.2' });\n");
      expect(await run(['--version'], { NODE_OPTIONS: `--require=${pretends}` })).toMatchObject({
        exitCode: 1,
        stdout: '',
        stderr: oneLine('Node.js 24 or newer is needed'),
      });
    });

    // What npx installs has this form: the packages beside it. To install them once more would take as long as all the rest,
    // and npx would keep them for good.
    it('beside the packages that it needs runs with npx', async () => {
      const project = join(folder, 'project');
      const packages = join(project, 'node_modules');
      const installed = join(prefix, 'lib', 'node_modules', 'doorwarden');
      await mkdir(project);
      await rename(join(installed, 'node_modules'), packages);
      await rename(installed, join(packages, 'doorwarden'));
      await symlink(join('..', 'doorwarden', 'bin', 'doorwarden.cjs'), join(packages, '.bin', 'doorwarden'));
      const npx = (...args: readonly string[]): Promise<ClientOutcome> =>
        runProgram('npx', ['--no', ...QUIET, 'doorwarden', ...args], { env: npmEnvironment(), cwd: project });
      expect(await npx('--version')).toMatchObject({ exitCode: 0, stdout: `${version}\n` });
      expect(await npx('verify', 'missing.tar')).toMatchObject({ exitCode: 2, stderr: oneLine('missing.tar') });
    });
  });
});

/** One line, and no more, with this in it. */
function oneLine(part: string): unknown {
  return expect.stringMatching(new RegExp(`^[^\\n]*${part.replaceAll('.', '\\.')}[^\\n]*\\n$`));
}
