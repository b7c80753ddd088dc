// Builds the web page: src/web/ and what it needs of node_modules/, to dist/web/ (ADR 0037). Beside each file lie the same
// bytes compressed, so that the api compresses nothing while it serves. `--watch` builds again whenever a source changes,
// and leaves the compressed ones out.
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { build } from 'vite';
import { licenses } from './licenses.mjs';
import { inRoot } from './setup/paths.mjs';

const PAGE = inRoot('dist', 'web');
const PACKED = /\.(css|ico|js|json|svg|txt|wasm)$/;
const PACKED_BYTES_MIN = 1024;

const CONFIG = inRoot('src', 'web', 'vite.config.ts');

const isWatching = process.argv[2] === '--watch';
await build({
  configFile: CONFIG,
  logLevel: 'warn',
  plugins: [licenses(join(PAGE, 'licenses.txt'))],
  build: { outDir: PAGE, emptyOutDir: true, manifest: true, ...(isWatching ? { watch: {} } : {}) },
});
if (!isWatching) await packAll(join(PAGE, 'assets'));

async function packAll(folder) {
  const names = await readdir(folder);
  await Promise.all(names.filter((name) => PACKED.test(name)).map((name) => pack(join(folder, name))));
}

async function pack(file) {
  const bytes = await readFile(file);
  if (bytes.length < PACKED_BYTES_MIN) return;
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }; // 11 takes ten times as long for 3 %
  const [zipped, brotli] = await Promise.all([
    promisify(gzip)(bytes, { level: 9 }),
    promisify(brotliCompress)(bytes, quality),
  ]);
  await Promise.all([writeFile(`${file}.gz`, zipped), writeFile(`${file}.br`, brotli)]);
}
