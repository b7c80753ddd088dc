import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import { inLocal } from './paths.mjs';

const SIGN_OF_LIFE_MS = 5_000;
const TAIL_LINES = 40;

/** Stops a set-up with a sentence that says what to do; printed without a stack trace. */
export class SetupError extends Error {}

/** Prints one plain line. */
export const say = (line) => process.stdout.write(`${line}\n`);

/**
 * Runs one step of a set-up and prints one line with what came of it and how long it took; while it takes long, a
 * line every five seconds. `work` returns what it did in a few words, for example `already there`.
 */
export async function step(name, work) {
  const startedMs = performance.now();
  const timer = setInterval(() => say(`  ${name}: still at it, ${seconds(startedMs)} s`), SIGN_OF_LIFE_MS);
  try {
    const outcome = await work();
    say(`  ${name}: ${outcome} (${seconds(startedMs)} s)`);
  } finally {
    clearInterval(timer);
  }
}

/**
 * Runs a program with its output in `.local/log/<log>.log`, and gives back that output. When the program fails, the
 * error carries the output's last lines.
 */
export async function runLogged(log, command, args, options = {}) {
  mkdirSync(inLocal('log'), { recursive: true });
  const file = inLocal('log', `${log}.log`);
  const sink = createWriteStream(file);
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
    env: { ...(options.env ?? process.env), NO_COLOR: '1', FORCE_COLOR: '0' },
  });
  child.stdout.pipe(sink, { end: false });
  child.stderr.pipe(sink, { end: false });
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, signal) => resolve(exitCode ?? signal));
  });
  await new Promise((resolve) => sink.end(resolve));
  const output = readFileSync(file, 'utf8');
  if (code !== 0) {
    const tail = output.trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
    throw new SetupError(`${command} ${args.join(' ')} ended with ${code}:\n${tail}`);
  }
  return output;
}

/** Waits for all steps, and only then throws the first failure: no step is left running behind an error message. */
export async function together(...steps) {
  const results = await Promise.allSettled(steps);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}

function seconds(startedMs) {
  return ((performance.now() - startedMs) / 1000).toFixed(1);
}
