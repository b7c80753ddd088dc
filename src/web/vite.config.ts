import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const inPage = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * Which code comes in one file. What every page needs is in two: libraries, which change seldom, and ours. The small parts that
 * several pages share are a third, since each file costs a request, and its turn of a busy processor.
 */
const GROUPS = [
  { name: 'early', test: /src\/web\/(early|api\/(early|addresses))\.ts$|preload-helper/, priority: 4 },
  { name: 'libraries', test: /node_modules/, tags: ['$initial' as const], priority: 3 },
  { name: 'page', tags: ['$initial' as const], priority: 2 },
  { name: 'parts', test: sharesParts, minShareCount: 2, priority: 1 },
];

/**
 * Nearly all functions of these files are called before the page stands. Browsers that know the comment compile them while the
 * file comes, on another thread, and not one by one when they are called.
 */
const CALLED_ON_LOAD = new Set(['libraries', 'index', 'window-title', 'parts']);
const CALLED = '//# allFunctionsCalledOnLoad\n';

/** The page: from src/web/ to files with hashed names in dist/web/, which the api serves. */
export default defineConfig({
  root: inPage('.'),
  base: '/',
  plugins: [react(), earlyScript(), compileHints()],
  publicDir: false,
  build: {
    outDir: inPage('../../dist/web'),
    emptyOutDir: true,
    target: 'es2023',
    manifest: true,
    sourcemap: false,
    assetsInlineLimit: 0,
    // One file of nine kilobytes: code that comes later would wait for its own.
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      input: { index: inPage('index.html'), early: inPage('early.ts') },
      output: { codeSplitting: { groups: GROUPS } },
    },
  },
  clearScreen: false,
  logLevel: 'warn',
});

/** Not those that bring a library of their own. */
function sharesParts(module: string): boolean {
  return /src\/web\/(parts|api)\/|lucide-react/.test(module) && !/\/(tabs|modal|plot[\w-]*)\.tsx?$/.test(module);
}

/** Puts the script that asks early before all others into the document. */
function earlyScript(): Plugin {
  return {
    name: 'doorwarden-early-script',
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle = {} }) {
        const file = Object.values(bundle).find(
          (made) => made.type === 'chunk' && made.name === 'early' && made.isEntry,
        );
        if (file === undefined) return []; // while it is served for development
        const attrs = { type: 'module', async: true, crossorigin: true, src: `/${file.fileName}` };
        return [{ tag: 'script', attrs, injectTo: 'head-prepend' }];
      },
    },
  };
}

/** Browsers look for the comment at the beginning of a file alone, where Vite puts something of its own. */
function compileHints(): Plugin {
  return {
    name: 'doorwarden-compile-hints',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        for (const made of Object.values(bundle)) {
          if (made.type === 'chunk' && CALLED_ON_LOAD.has(made.name)) made.code = CALLED + made.code;
        }
      },
    },
  };
}
