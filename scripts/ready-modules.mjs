// Modules `*.forms.ts` say what schemas come to, as values of JSON. They are worked out when the programs are put together,
// so that a program loads the values, and neither loads nor runs what reads the schemas.
import { execFileSync } from 'node:child_process';
import { fileURLToPath, pathToFileURL } from 'node:url';

const READY = /\.forms\.ts$/;
const OWN = fileURLToPath(import.meta.url);

/** For rolldown, in the folder of the sources. */
export function readyModules(folder) {
  return {
    name: 'ready modules',
    load(id) {
      if (!READY.test(id) || !id.startsWith(folder)) return null;
      const { values, files } = JSON.parse(execFileSync(process.execPath, [OWN, id], { encoding: 'utf8' }));
      for (const file of files) this.addWatchFile(file);
      const lines = Object.entries(values).map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};`);
      return { code: lines.join('\n'), moduleType: 'js' };
    },
  };
}

/** A process of its own: what it loads is read again each time. */
async function tell(path) {
  const { registerHooks } = await import('node:module');
  await import('../src/kernel/load-typescript.mjs');
  const files = [];
  registerHooks({
    load(url, context, next) {
      if (url.endsWith('.ts')) files.push(fileURLToPath(url));
      return next(url, context);
    },
  });
  const values = { ...(await import(pathToFileURL(path).href)) };
  process.stdout.write(JSON.stringify({ values, files }));
}

if (process.argv[1] === OWN) await tell(process.argv[2]);
