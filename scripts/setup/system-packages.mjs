import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { SetupError, runLogged } from './step.mjs';

const POLICY_FILE = '/usr/sbin/policy-rc.d';
const EXTRA_PATH = ['/usr/sbin', '/usr/local/sbin', '/sbin']; // servers live there, and not every user's PATH has them

const SERVERS = [
  { what: 'MariaDB server', aptPackage: 'mariadb-server', isThere: () => has('mariadbd') && has('mariadb-install-db') },
  { what: 'MariaDB client', aptPackage: 'mariadb-client', isThere: () => has('mariadb') },
  { what: 'Redis', aptPackage: 'redis-server', isThere: () => has('redis-server') },
];

const TEST_CLIENTS = [
  { what: 'PyMySQL', aptPackage: 'python3-pymysql', isThere: () => hasPythonModule('pymysql') },
  // PyMySQL needs it for MySQL's RSA password exchange, and Debian only recommends it
  { what: 'Python cryptography', aptPackage: 'python3-cryptography', isThere: () => hasPythonModule('cryptography') },
  // Drivers of other languages: the tests name those that are not there as not run, and go on
  { what: 'MySQLdb', aptPackage: 'python3-mysqldb', isThere: () => hasPythonModule('MySQLdb'), mayBeMissing: true },
  {
    what: 'DBD::mysql',
    aptPackage: 'libdbd-mysql-perl',
    isThere: () => runs('perl', ['-MDBD::mysql', '-e', '1']),
    mayBeMissing: true,
  },
  { what: 'PHP', aptPackage: 'php-cli', isThere: () => has('php'), mayBeMissing: true },
  {
    what: "PHP's MySQL drivers",
    aptPackage: 'php-mysql',
    isThere: () => runs('php', ['-r', 'exit(extension_loaded("mysqli") && extension_loaded("pdo_mysql") ? 0 : 1);']),
    mayBeMissing: true,
  },
  {
    what: 'SQLAlchemy',
    aptPackage: 'python3-sqlalchemy',
    isThere: () => hasPythonModule('sqlalchemy'),
    mayBeMissing: true,
  },
  // Builds the Python client; Debian's brings setuptools and wheel. Setuptools has to come first: after pip it refuses to load
  {
    what: 'pip',
    aptPackage: 'python3-pip',
    isThere: () => hasPythonModule('setuptools, pip, wheel'),
    mayBeMissing: true,
  },
  // Shows the order of the gateway's system calls
  { what: 'strace', aptPackage: 'strace', isThere: () => has('strace'), mayBeMissing: true },
  {
    what: 'Ruby mysql2',
    aptPackage: 'ruby-mysql2',
    isThere: () => runs('ruby', ['-e', 'require "mysql2"']),
    mayBeMissing: true,
  },
];

const BENCH_TOOLS = [
  { what: 'sysbench', aptPackage: 'sysbench', isThere: () => has('sysbench') },
  { what: 'HAProxy', aptPackage: 'haproxy', isThere: () => has('haproxy') },
];

/** People's side is tried in a real browser. */
const BROWSERS = [
  { what: 'Chromium', aptPackage: 'chromium', isThere: () => has('chromium') },
  // The same engine without a window: most tests need no more, and each page costs a third of the processor time
  {
    what: "Chromium's headless shell",
    aptPackage: 'chromium-headless-shell',
    isThere: () => has('chromium-headless-shell'),
    mayBeMissing: true,
  },
];

const GROUPS = { servers: SERVERS, 'test clients': TEST_CLIENTS, browsers: BROWSERS, 'bench tools': BENCH_TOOLS };

/** Brings the programs of the groups, with apt where they are missing; says which of those that may be missing are. */
export async function bringSystemPackages(groups) {
  const needed = groups.flatMap((group) => GROUPS[group]);
  const missing = needed.filter((program) => !program.isThere());
  if (missing.length === 0) return 'already there';
  const required = missing.filter(({ mayBeMissing }) => !mayBeMissing);
  try {
    return await bring(missing);
  } catch (error) {
    if (!(error instanceof SetupError) || required.length === missing.length) throw error;
    const outcome = required.length > 0 ? await bring(required) : 'already there';
    const without = missing.filter((program) => program.mayBeMissing && !program.isThere());
    return `${outcome}, but without ${without.map(({ what }) => what).join(', ')}: ${error.message.split('\n')[0]}`;
  }
}

async function bring(missing) {
  const packages = missing.map((program) => program.aptPackage);
  const names = missing.map((program) => program.what).join(', ');
  const byHand = `apt-get install --no-install-recommends ${packages.join(' ')}`;
  const prefix = rootPrefix();
  if (!has('apt-get') || !prefix) {
    const why = has('apt-get') ? 'this user is not root and has no password-free sudo' : 'there is no apt-get';
    throw new SetupError(`${names} missing, and ${why}. Install by hand, then run this again: ${byHand}`);
  }
  await install(prefix, packages, `${names} could not be installed. Install by hand, then run this again: ${byHand}`);
  const still = missing.filter((program) => !program.isThere());
  if (still.length > 0) throw new SetupError(`Installed, but not found: ${still.map(({ what }) => what).join(', ')}`);
  return `installed ${packages.join(', ')}`;
}

async function install(prefix, packages, sentence) {
  const apt = (log, ...args) => {
    const [command, ...rest] = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...args];
    return runLogged(log, command, rest);
  };
  try {
    await apt('apt-update', 'update');
    await withoutServiceStarts(prefix, () =>
      apt('apt-install', 'install', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120', ...packages),
    );
  } catch (error) {
    throw new SetupError(`${sentence}\n${error.message}`);
  }
}

/**
 * Keeps the packages from starting their system-wide services, which nothing here uses. Debian asks this file:
 * https://people.debian.org/~hmh/invokerc.d-policyrc.d-specification.txt
 */
async function withoutServiceStarts(prefix, work) {
  if (prefix.length > 0 || existsSync(POLICY_FILE)) return work();
  writeFileSync(POLICY_FILE, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  const remove = () => rmSync(POLICY_FILE, { force: true });
  process.once('exit', remove);
  try {
    return await work();
  } finally {
    process.off('exit', remove);
    remove();
  }
}

/** What to put before a command to run it as root: nothing, sudo, or undefined when neither works. */
function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  return has('sudo') && runs('sudo', ['-n', 'true']) ? ['sudo', '-n'] : undefined;
}

function has(program) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...EXTRA_PATH];
  return folders.some((folder) => folder !== '' && existsSync(join(folder, program)));
}

function hasPythonModule(name) {
  return runs('/usr/bin/python3', ['-c', `import ${name}`]);
}

function runs(command, args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}
