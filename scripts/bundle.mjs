// Puts the programs together (ADR 0034): from src/ and what it needs of node_modules/ to a few files in dist/. It takes the
// types out and does not check them; `npm run check` does. `--watch` does it again whenever a source changes; `--echo` puts
// the programs of test/support/echo/ together instead, beside the threads that are in dist/.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { rolldown, watch } from 'rolldown';
import { licenseComment, licenses } from './licenses.mjs';
import { readyModules } from './ready-modules.mjs';
import { ROOT, inLocal, inRoot } from './setup/paths.mjs';

const SRC = inRoot('src');
const DIST = inRoot('dist');

/** What Node.js is told to start: processes, the command line and threads. Each keeps its place below dist/. */
const PROGRAMS = [
  'apps/api',
  'apps/gateway',
  'apps/worker',
  'apps/migrate',
  'apps/cli/main',
  'recording/chain/hash-thread',
  'protocols/mysql/judge/second-opinion-worker',
];

/** Apart from the others: it is no part of what npm publishes. */
const QUICKSTART = ['apps/quickstart/main'];

/** Packages that look for files beside their code, and so stay in node_modules/. */
const LEFT_OUT = [
  '@cedar-policy/cedar-wasm',
  '@guanmingchiu/sqlparser-ts',
  'msgpackr-extract',
  'pino',
  'swagger-ui-dist',
];

/** Parts that packages ask for and do without where they are not installed. */
const OPTIONAL = /^(@nestjs\/(microservices|websockets)|@fastify\/static|class-transformer|class-validator)(\/|$)/;

/** What `doorwarden run` is made of, with all that these import. */
const RUN = ['cli/run/run-work.ts', 'cli/run/plain-run-call.ts', 'run-process.ts'].map((file) =>
  join(SRC, 'apps', file),
);

/** The module that knows where dist/ is. */
const PLACES = 'doorwarden:places';

const programs = optionsOf({
  entries: entriesIn(SRC, PROGRAMS),
  parts: 'parts',
  plugins: [licenses(join(DIST, 'licenses.txt'))],
});
const quickstart = optionsOf({ entries: entriesIn(SRC, QUICKSTART), parts: 'apps/quickstart/parts' });
const verifier = oneFileOf('apps/verify/main', 'verify.mjs');
const echo = optionsOf({
  entries: entriesIn(inRoot('test', 'support', 'echo', 'processes'), ['api', 'gateway', 'worker', 'cli']),
  folder: inLocal('test', 'echo'),
  parts: 'parts',
});

const wish = process.argv[2];
if (wish === '--watch') {
  watch([programs, quickstart, verifier]).on('event', (event) => {
    if (event.code === 'ERROR') process.stderr.write(`${event.error.message}\n`);
  });
} else {
  const wanted = wish === '--echo' ? [echo] : [programs, quickstart, verifier];
  for (const { output } of wanted) if (output.dir) clear(output.dir);
  for (const options of wanted) {
    const bundle = await rolldown(options);
    await bundle.write(options.output);
    await bundle.close();
  }
}

/** Empties a folder; what scripts/page.mjs built stays. */
function clear(folder) {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  for (const name of names.filter((one) => one !== 'web')) rmSync(join(folder, name), { recursive: true, force: true });
}

function entriesIn(folder, names) {
  return Object.fromEntries(names.map((name) => [name, join(folder, `${name}.ts`)]));
}

/** `parts` is a folder below `folder`, for what several entries share. */
function optionsOf({ entries, folder = DIST, parts, plugins = [] }) {
  return {
    cwd: ROOT,
    input: entries,
    platform: 'node',
    treeshake: false, // together with `minify`: a call whose result is not used may be there because it throws
    tsconfig: inRoot('tsconfig.json'),
    resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
    external: (id) => LEFT_OUT.some((name) => id === name || id.startsWith(`${name}/`)),
    plugins: [ownFiles(join(folder, parts)), readyModules(SRC), plainModules(), oneLanguage(), ...plugins],
    onLog: refuseWarnings,
    output: {
      dir: folder,
      format: 'esm',
      minify: false,
      sourcemap: true,
      sourcemapExcludeSources: true,
      strictExecutionOrder: true, // reflect-metadata runs before what is decorated
      keepNames: true, // TypeORM and Nest name things after classes
      entryFileNames: '[name].js',
      chunkFileNames: ({ name }) => `${parts}/${/^[\w-]+/.exec(name)?.[0] ?? 'part'}-[hash].js`,
      codeSplitting: {
        groups: [
          { name: 'places', test: PLACES },
          // It stands before each call of a program, and a file less is a third of a millisecond.
          { name: 'run', test: (id) => RUN.includes(id), priority: 1 },
          { name: 'packages', test: /node_modules/, entriesAware: true },
        ],
      },
    },
  };
}

/** A program that a stranger gets as this one file, with the licenses of all that is in it. */
function oneFileOf(entry, file) {
  return {
    cwd: ROOT,
    input: join(SRC, `${entry}.ts`),
    platform: 'node',
    treeshake: false,
    tsconfig: inRoot('tsconfig.json'),
    resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
    external: /^node:/,
    plugins: [licenseComment()],
    onLog: refuseWarnings,
    output: { file: join(DIST, file), format: 'esm', minify: false, sourcemap: false },
  };
}

/** A part that is not found would only be missed when a program runs. */
function refuseWarnings(level, { code, message }, print) {
  if (code === 'UNRESOLVED_IMPORT' && OPTIONAL.test(/resolve '([^']+)'/.exec(message)?.[1] ?? '')) return;
  if (level === 'warn') throw new Error(message);
  print(level, { code, message });
}

/**
 * Gives the broker's own modules the address that each would have if it were a file below dist/: threads, migrations and
 * package.json are found from it.
 */
function ownFiles(parts) {
  const toDist = relative(parts, DIST).replaceAll(sep, '/');
  return {
    name: 'own files',
    resolveId: (id) => (id === PLACES ? PLACES : null),
    load: (id) =>
      id === PLACES
        ? `export const builtPlaceOf = (path) => new URL('${toDist}/' + path, import.meta.url).href;`
        : null,
    transform(text, id) {
      if (!id.startsWith(SRC + sep) || !text.includes('import.meta')) return null;
      const path = relative(SRC, id).replaceAll(sep, '/').replace(/\.ts$/, '.js');
      const code = text.replaceAll('import.meta.url', `builtPlaceOf('${path}')`);
      if (code.includes('import.meta')) throw new Error(`${path}: of import.meta, a bundle only knows url`);
      return { code: `${code}\nimport { builtPlaceOf } from '${PLACES}';\n`, map: null };
    },
    generateBundle(_, bundle) {
      // Maps of packages are large, and Node.js reads all maps when it starts.
      for (const [file, chunk] of Object.entries(bundle)) {
        if (chunk.type !== 'chunk' || chunk.moduleIds.some((id) => id.startsWith(SRC + sep))) continue;
        chunk.code = chunk.code.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n');
        delete bundle[`${file}.map`];
      }
    },
  };
}

/** Of the languages of zod's messages only the one that is used. */
function oneLanguage() {
  return {
    name: 'one language',
    load: (id) => (id.endsWith('/zod/v4/locales/index.js') ? "export { default as en } from './en.js';" : null),
  };
}

/**
 * Takes modules of Node.js without what it only loads when it is asked for. An import reads all that a module gives: one
 * part of node:http is the whole of undici (40 ms of the processor in each process), one of node:process reads the options
 * of Node.js, one of node:util brings its threads, and one of node:fs its streams.
 */
function plainModules() {
  const PLAIN = /^(?:node:)?(fs|http|process|util)$/;
  const NAME = /^doorwarden:(fs|http|process|util)$/;
  return {
    name: 'plain modules',
    resolveId(id, importer, { kind }) {
      const [, name] = PLAIN.exec(id) ?? [];
      if (name === undefined || kind !== 'import-statement') return null;
      if (name === 'fs' && !importer?.startsWith(SRC + sep)) return null; // a package asks for `promises` of it
      return `doorwarden:${name}`;
    },
    load(id) {
      const [, name] = NAME.exec(id) ?? [];
      if (name === undefined) return null;
      const given = Object.entries(Object.getOwnPropertyDescriptors(process.getBuiltinModule(name)));
      const plain = given.filter(([key, property]) => 'value' in property && /^[A-Za-z_]\w*$/.test(key));
      return `const given = globalThis.process.getBuiltinModule('node:${name}');
              export default given;
              export const { ${plain.map(([key]) => key).join(', ')} } = given;`;
    },
  };
}
