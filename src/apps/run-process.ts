import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ConfigError } from '../config/load.js';
import { StartError } from '../control/shared/start-error.js';

/** Runs a process's start. What it cannot start with is told in one text on standard error, and the exit code is 1. */
export async function runProcess(name: string, start: () => Promise<void>): Promise<void> {
  try {
    await start();
  } catch (error) {
    const isForOperators = error instanceof ConfigError || error instanceof StartError || isPortTaken(error);
    const text = isForOperators || !(error instanceof Error) ? String(error) : (error.stack ?? error.message);
    process.stderr.write(`${name}: ${text.replace(/^(Config)?Error: /, '')}\n`);
    process.exit(1); // a half-started process may hold connections that would keep it alive
  }
}

/** Node's own words for it name address and port, which is all that an operator needs. */
function isPortTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}

/** The version of this package. */
export function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}
