import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inLocal } from './paths.mjs';
import { runLogged } from './step.mjs';
import { stamp } from './stamp.mjs';

const HOME = inLocal('mysql97');
const RESULT_FILE = join(HOME, 'result.json');
const APT = join(HOME, 'apt');
const TREE = join(HOME, 'root');
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const SERVER_PACKAGES = ['mysql-server-core', 'mysql-client-core'];
const ROUTER_PACKAGE = 'mysql-router';
const VERSION_WANTED = '9.7.*';
const NEEDLESS = /^(perl|libperl|libgdbm|libdb5|gcc-)/; // the servers' helper scripts want Perl, the servers do not
const UNPACKED_AT_ONCE = 2;

/**
 * Brings real MySQL 9.7 into `.local/mysql97/` without touching the system: Debian's packages of it are newer than
 * the system's libraries, so they are unpacked into a tree of their own together with their own libraries and loader.
 * `bin/mysqld`, `bin/mysql` and so on in that folder start them. What came of it is in `result.json`:
 * `{ available: true, version, bin, router }` or `{ available: false, reason }`.
 */
export async function bringMysql97({ withRouter = false } = {}) {
  const earlier = readResult();
  if (earlier?.available && (earlier.router || !withRouter)) return `${earlier.version} already there`;
  try {
    const result = await install(withRouter ? [...SERVER_PACKAGES, ROUTER_PACKAGE] : SERVER_PACKAGES);
    stamp(RESULT_FILE, JSON.stringify(result));
    return `${result.version} brought to .local/mysql97`;
  } catch (error) {
    const reason = error.message.split('\n').filter(Boolean).at(-1);
    if (earlier?.available) return `${earlier.version} already there, but no router: ${reason}`;
    stamp(RESULT_FILE, JSON.stringify({ available: false, reason }));
    return `unavailable: ${reason}`;
  }
}

async function install(packages) {
  if (process.platform !== 'linux') throw new Error('only Linux can run the Debian packages of MySQL 9.7');
  if (!existsSync(KEYRING)) throw new Error(`${KEYRING} is missing, so the packages' signatures cannot be checked`);
  const env = { ...process.env, APT_CONFIG: writeAptConfig() };
  await runLogged('mysql97-update', 'apt-get', ['update'], { env });
  const exact = packages.map((name) => `${name}=${VERSION_WANTED}`);
  const args = ['install', '-y', '-d', '--no-install-recommends', ...exact];
  await runLogged('mysql97-download', 'apt-get', args, { env });
  rmSync(TREE, { recursive: true, force: true });
  await unpack(join(APT, 'archives'));
  writeStarters();
  const version = /Ver (\S+)/.exec(await runLogged('mysql97-version', join(HOME, 'bin', 'mysqld'), ['--version']))?.[1];
  if (!version) throw new Error('mysqld was unpacked, but does not tell its version');
  rmSync(APT, { recursive: true, force: true });
  return { available: true, version, bin: join(HOME, 'bin'), router: packages.includes(ROUTER_PACKAGE) };
}

/** An apt that knows nothing of this system: no installed packages, and Debian sid as its only source. */
function writeAptConfig() {
  for (const folder of ['lists/partial', 'archives/partial']) mkdirSync(join(APT, folder), { recursive: true });
  const file = (name, text) => {
    writeFileSync(join(APT, name), text);
    return join(APT, name);
  };
  const sources = file('sources.list', `deb [signed-by=${KEYRING}] http://deb.debian.org/debian sid main\n`);
  const status = file('status', '');
  const settings = {
    'Dir::Etc::sourcelist': sources,
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::State': APT,
    'Dir::State::lists': join(APT, 'lists'),
    'Dir::State::status': status,
    'Dir::Cache': APT,
    'Dir::Cache::archives': join(APT, 'archives'),
    'Debug::NoLocking': 'true',
    'APT::Sandbox::User': '',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '2',
  };
  return file(
    'apt.conf',
    Object.entries(settings)
      .map(([name, value]) => `${name} "${value}";\n`)
      .join(''),
  );
}

async function unpack(folder) {
  mkdirSync(TREE, { recursive: true });
  const archives = readdirSync(folder).filter((name) => name.endsWith('.deb') && !NEEDLESS.test(name));
  const next = async (worker) => {
    for (let name = archives.pop(); name; name = archives.pop()) {
      await runLogged(`mysql97-unpack-${worker}`, 'dpkg', ['-x', join(folder, name), TREE]);
    }
  };
  await Promise.all(Array.from({ length: UNPACKED_AT_ONCE }, (_, worker) => next(worker)));
}

/** Writes one starter for each program, which runs it with the tree's own loader and libraries. */
function writeStarters() {
  const loader = ['usr/lib64/ld-linux-x86-64.so.2', 'usr/lib/ld-linux-aarch64.so.1'].find((path) =>
    existsSync(join(TREE, path)),
  );
  if (!loader) throw new Error(`no loader for ${process.arch} among the unpacked packages`);
  const libraries = readdirSync(join(TREE, 'usr/lib')).find((name) => name.endsWith('-linux-gnu'));
  const bin = join(HOME, 'bin');
  mkdirSync(bin, { recursive: true });
  const programs = ['usr/sbin', 'usr/bin'].flatMap((folder) =>
    readdirSync(join(TREE, folder))
      .filter((name) => name.startsWith('mysql') && isProgram(join(TREE, folder, name)))
      .map((name) => ({ name, path: `${folder}/${name}` })),
  );
  for (const { name, path } of programs) {
    const starter = [
      '#!/bin/sh',
      'tree="$(dirname "$(dirname "$(readlink -f "$0")")")/root"',
      `libraries="$tree/usr/lib/${libraries}:$tree/usr/lib/mysql/private:$tree/usr/lib/mysql-router"`,
      `exec "$tree/${loader}" --library-path "$libraries" "$tree/${path}" ${defaultsOf(name)}"$@"`,
    ];
    writeFileSync(join(bin, name), `${starter.join('\n')}\n`);
    chmodSync(join(bin, name), 0o755);
  }
}

/** The paths that are compiled in point into the system; --no-defaults has to stay the first argument. */
function defaultsOf(name) {
  if (name === 'mysqld') {
    return (
      '--no-defaults --basedir="$tree/usr" --lc-messages-dir="$tree/usr/share/mysql" ' +
      '--plugin-dir="$tree/usr/lib/mysql/plugin" '
    );
  }
  return name === 'mysql' ? '--no-defaults --plugin-dir="$tree/usr/lib/mysql/plugin" ' : '';
}

function isProgram(path) {
  return readFileSync(path).subarray(1, 4).toString('latin1') === 'ELF';
}

function readResult() {
  if (!existsSync(RESULT_FILE)) return undefined;
  const result = JSON.parse(readFileSync(RESULT_FILE, 'utf8'));
  return result.available && !existsSync(join(result.bin, 'mysqld')) ? undefined : result;
}
