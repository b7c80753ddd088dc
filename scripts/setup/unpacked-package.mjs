import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { inLocal } from './paths.mjs';
import { runLogged } from './step.mjs';
import { stamp } from './stamp.mjs';

/**
 * Brings those files of a Debian package that fit the patterns in `keep` into `.local/<name>/`, without installing the
 * package: they are used where they lie and never become part of this repository. What came of it is in
 * `result.json` there: `{ available: true, version, folder }` or `{ available: false, reason }`.
 */
export async function bringUnpacked({ name, aptPackage, keep }) {
  const home = inLocal(name);
  const resultFile = join(home, 'result.json');
  const earlier = existsSync(resultFile) ? JSON.parse(readFileSync(resultFile, 'utf8')) : undefined;
  if (earlier?.available && existsSync(earlier.folder)) return `${earlier.version} already there`;
  try {
    const result = await unpack({ name, home, aptPackage, keep });
    stamp(resultFile, JSON.stringify(result));
    return `${result.version} brought to .local/${name}`;
  } catch (error) {
    const reason = error.message.split('\n').filter(Boolean).at(-1);
    stamp(resultFile, JSON.stringify({ available: false, reason }));
    return `unavailable: ${reason}`;
  }
}

async function unpack({ name, home, aptPackage, keep }) {
  const tree = join(home, 'root');
  rmSync(home, { recursive: true, force: true });
  mkdirSync(tree, { recursive: true });
  await runLogged(`${name}-download`, 'apt-get', ['-o', 'APT::Sandbox::User=', 'download', aptPackage], { cwd: home });
  const archive = readdirSync(home).find((file) => file.endsWith('.deb'));
  if (!archive) throw new Error(`apt-get said nothing, but there is no package ${aptPackage}`);
  const tar = join(home, 'data.tar');
  const open = ['-c', 'dpkg-deb --fsys-tarfile "$1" > "$2"', 'sh', join(home, archive), tar];
  await runLogged(`${name}-open`, 'sh', open);
  await runLogged(`${name}-unpack`, 'tar', ['-x', '-f', tar, '-C', tree, '--wildcards', ...keep]);
  for (const file of [tar, join(home, archive)]) rmSync(file);
  return { available: true, version: decodeURIComponent(archive.split('_')[1]), folder: tree };
}
