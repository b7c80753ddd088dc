import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../support/folders.js';

/**
 * `doorwarden run` stands before each call of a program. Of packages it loads one that is small, and no schema and no parser
 * of options; of Node.js what its start has loaded already, or next to it.
 */
it('run loads no more than it needs before it calls the api', async () => {
  const { files, packages, modules } = await loadedBy(join(ROOT, 'dist', 'apps', 'cli', 'main.js'));
  expect(packages).toEqual(['eventsource-parser']);
  expect(modules).toEqual(['node:module', 'node:os', 'node:path', 'node:timers/promises']);
  expect(files).toHaveLength(3); // itself, what all bundles share, and all that run needs
});

it.each(['approvals', 'grants', 'policy', 'principals', 'targets', 'whoami'])(
  '%s loads no schema before it calls the api',
  async (command) => {
    const parts = join(ROOT, 'dist', 'parts');
    const work = new RegExp(`^${command}-work-[\\w-]+\\.js$`);
    const files = (await readdir(parts)).filter((name) => work.test(name));
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) expect((await loadedBy(join(parts, file))).packages).not.toContain('zod');
  },
);

/** What a built program imports before it does anything. */
async function loadedBy(entry: string) {
  const [packages, modules] = [new Set<string>(), new Set<string>()];
  const files = [entry];
  for (const file of files) {
    const text = await readFile(file, 'utf8');
    for (const [, name = ''] of text.matchAll(/^\/\/ node_modules\/((?:@[^/]+\/)?[^/]+)/gm)) packages.add(name);
    for (const [, from = ''] of text.matchAll(/^import .*"([^"]+)";$/gm)) {
      const path = join(dirname(file), from);
      if (!from.startsWith('.')) modules.add(from);
      else if (!files.includes(path)) files.push(path);
    }
  }
  return { files, packages: [...packages].toSorted(), modules: [...modules].toSorted() };
}
