import { Worker, type WorkerOptions } from 'node:worker_threads';

// The tests run the sources as they are: a thread then has to find `x.ts` for `x.js`, as they do.
const RUNS_SOURCES = import.meta.url.endsWith('.ts');
const LOADER = new URL('./load-typescript.mjs', import.meta.url);

/** Starts a thread that runs a module of the broker; `module` names it as an import would, with `.js`. */
export function startThread(module: URL, options: Omit<WorkerOptions, 'execArgv'> = {}): Worker {
  if (!RUNS_SOURCES) return new Worker(module, options);
  const source = new URL(module.href.replace(/\.js$/, '.ts'));
  return new Worker(source, { ...options, execArgv: ['--import', LOADER.href] });
}
