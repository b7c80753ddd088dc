// The licenses of all packages that are in a bundle, as most of them ask.
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';

/** A plugin that writes them to a file once the bundle is written. */
export function licenses(file) {
  return {
    name: 'licenses',
    writeBundle(_, bundle) {
      const modules = Object.values(bundle).flatMap(({ moduleIds = [] }) => moduleIds);
      writeFileSync(file, licensesOf(modules).join('\n\n----\n\n'));
    },
  };
}

/** A plugin that writes them to the end of the one file that the bundle is. */
export function licenseComment() {
  return {
    name: 'license comment',
    renderChunk(code, { moduleIds }) {
      const text = licensesOf(moduleIds).join('\n\n').replaceAll('*/', '* /');
      return { code: `${code}\n/*\nThese packages are in this file:\n\n${text}\n*/\n`, map: null };
    },
  };
}

/** One text for each package that these modules are of. */
function licensesOf(modules) {
  return [...new Set(modules.flatMap(packageFolder))]
    .sort((a, b) => (a < b ? -1 : 1))
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      const files = readdirSync(folder).filter((file) => /^licen[cs]e/i.test(file));
      const texts = files.map((file) => readFileSync(join(folder, file), 'utf8'));
      return [`${name} ${version} (${license})`, ...texts].join('\n\n');
    });
}

/** The folder of the package that a module belongs to; none for the broker's own and for what the bundler adds. */
function packageFolder(id) {
  if (!id.includes(`${sep}node_modules${sep}`) || id.startsWith('\0')) return [];
  for (let folder = dirname(id); ; folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    // Some packages have further such files inside, which only say how a folder's modules are written.
    if (existsSync(file) && 'version' in JSON.parse(readFileSync(file, 'utf8'))) return [folder];
  }
}
