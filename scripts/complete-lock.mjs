// Run this after every `npm install` that changes package-lock.json: `node scripts/complete-lock.mjs`.
//
// A package may list one optional package per platform. When a registry lacks one of them at that version, npm leaves
// it out of the lock, and `npm ci` then refuses the lock as incomplete. This writes the left-out ones into the lock
// as what they are: optional, for a platform that is not this one, at the version their parent asks for.
import { readFileSync, writeFileSync } from 'node:fs';
import { inRoot } from './setup/paths.mjs';

const OS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const CPU = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64'];
const EXACT_VERSION = /^\d+\.\d+\.\d+[\w.+-]*$/;

const file = inRoot('package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));
const added = [];

for (const [parentPath, parent] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    if (isInLock(parentPath, name) || !EXACT_VERSION.test(version)) continue;
    lock.packages[`node_modules/${name}`] = { version, ...platformOf(name), optional: true, dev: parent.dev };
    added.push(`${name}@${version}`);
  }
}

lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(added.length === 0 ? 'The lock is complete.\n' : `Added to the lock: ${added.join(', ')}\n`);

/** Whether a package finds `name`: npm looks in the package's own node_modules, then in each one further up. */
function isInLock(parentPath, name) {
  for (let path = parentPath; ; path = path.slice(0, Math.max(0, path.lastIndexOf('node_modules/') - 1))) {
    if (lock.packages[`${path === '' ? '' : `${path}/`}node_modules/${name}`]) return true;
    if (path === '') return false;
  }
}

function platformOf(name) {
  const words = name.replace('armeabi', 'arm').split(/[-/]/);
  const os = words.filter((word) => OS.includes(word));
  const cpu = words.filter((word) => CPU.includes(word));
  const libc = words.some((word) => word.startsWith('gnu'))
    ? ['glibc']
    : words.some((word) => word.startsWith('musl'))
      ? ['musl']
      : [];
  if (os.length === 0 && cpu.length === 0)
    throw new Error(`Cannot tell the platform of ${name}; add it to the lock by hand.`);
  return Object.fromEntries(Object.entries({ os, cpu, libc }).filter(([, values]) => values.length > 0));
}
