import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { inLocal } from './paths.mjs';
import { runLogged } from './step.mjs';
import { stamp } from './stamp.mjs';

const HOME = inLocal('sql-corpus');
const RESULT_FILE = join(HOME, 'result.json');
const TREE = join(HOME, 'root');
const PACKAGE = 'mariadb-test-data';
const KEEP = ['*.test', '*.inc', '*/copyright'];

/**
 * Brings the statements of MariaDB's own test suite into `.local/sql-corpus/`, without installing the package. They are
 * under the GPL: they are read where they lie and never become part of this repository. What came of it is in
 * `result.json`: `{ available: true, version, folder }` or `{ available: false, reason }`.
 */
export async function bringSqlCorpus() {
  const earlier = readResult();
  if (earlier?.available && existsSync(earlier.folder)) return `${earlier.version} already there`;
  try {
    const result = await unpack();
    stamp(RESULT_FILE, JSON.stringify(result));
    return `${result.version} brought to .local/sql-corpus`;
  } catch (error) {
    const reason = error.message.split('\n').filter(Boolean).at(-1);
    stamp(RESULT_FILE, JSON.stringify({ available: false, reason }));
    return `unavailable: ${reason}`;
  }
}

async function unpack() {
  rmSync(HOME, { recursive: true, force: true });
  mkdirSync(TREE, { recursive: true });
  await runLogged('sql-corpus-download', 'apt-get', ['-o', 'APT::Sandbox::User=', 'download', PACKAGE], { cwd: HOME });
  const archive = readdirSync(HOME).find((name) => name.endsWith('.deb'));
  if (!archive) throw new Error(`apt-get said nothing, but there is no package ${PACKAGE}`);
  const tar = join(HOME, 'data.tar');
  await runLogged('sql-corpus-open', 'sh', [
    '-c',
    'dpkg-deb --fsys-tarfile "$1" > "$2"',
    'sh',
    join(HOME, archive),
    tar,
  ]);
  await runLogged('sql-corpus-unpack', 'tar', ['-x', '-f', tar, '-C', TREE, '--wildcards', ...KEEP]);
  for (const file of [tar, join(HOME, archive)]) rmSync(file);
  return { available: true, version: decodeURIComponent(archive.split('_')[1]), folder: TREE };
}

function readResult() {
  return existsSync(RESULT_FILE) ? JSON.parse(readFileSync(RESULT_FILE, 'utf8')) : undefined;
}
