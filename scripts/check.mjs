import { spawn } from 'node:child_process';
import { freemem } from 'node:os';
import { ROOT, inRoot } from './setup/paths.mjs';
import { withNodeOnPath } from './setup/node24.mjs';
import { say } from './setup/step.mjs';

const AT_ONCE = 2;
/**
 * The checker of types is a program in Go that ends after one look. It collects garbage rarely, and holds half of the
 * memory that is free at most: that is two thirds of the work.
 */
const RARE_COLLECTION = {
  GOGC: '1000',
  GOMEMLIMIT: String(Math.floor((process.availableMemory?.() ?? freemem()) / 2)),
};

/** The checks, the longest first. `program` is a file from the root. */
const CHECKS = [
  // One program for both: what it knows of the types for the rules is what TypeScript says of them. For each file it takes
  // the nearest tsconfig.json above it: src/web has its own.
  {
    name: 'types and lint',
    program: 'node_modules/oxlint/bin/oxlint',
    args: ['--type-aware', '--type-check', '--deny-warnings'],
    env: RARE_COLLECTION,
  },
  { name: 'layers', program: 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs', args: ['src'] },
  { name: 'format', program: 'node_modules/oxfmt/bin/oxfmt', args: ['--check'] },
  { name: 'names', program: 'scripts/words/glossary.mjs', args: [] },
  { name: 'texts of the page', program: 'scripts/words/page-texts.mjs', args: [] },
  { name: 'English', program: 'scripts/words/plain-english.mjs', args: [] },
];

/** Runs all checks, prints one line for each and the whole output of those that fail; gives the exit code. */
export async function check(node) {
  const waiting = [...CHECKS];
  const failed = [];
  const next = async () => {
    for (let entry = waiting.shift(); entry; entry = waiting.shift()) {
      if (!(await passes(node, entry))) failed.push(entry.name);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
  say(failed.length === 0 ? '  All checks pass.' : `  Checks that fail: ${failed.join(', ')}`);
  return failed.length === 0 ? 0 : 1;
}

async function passes(node, { name, program, args, env = {} }) {
  const startedMs = performance.now();
  const child = spawn(node, [inRoot(program), ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...env, ...withNodeOnPath(node) },
  });
  let output = '';
  const collect = (chunk) => void (output += chunk);
  child.stdout.setEncoding('utf8').on('data', collect);
  child.stderr.setEncoding('utf8').on('data', collect);
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  say(`  ${name}: ${code === 0 ? 'fine' : 'FAILS'} (${seconds} s)`);
  if (code !== 0) say(output.trimEnd());
  return code === 0;
}
