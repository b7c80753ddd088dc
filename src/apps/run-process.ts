import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ConfigError } from '../config/load.js';
import { nearMisses } from '../config/near-misses.js';
import { OperatorError } from '../kernel/operator-error.js';

/** Runs a process's start. What it cannot start with is told in one text on standard error, and the exit code is 1. */
export async function runProcess(name: string, start: () => Promise<void>): Promise<void> {
  try {
    await start();
  } catch (error) {
    process.stderr.write(`${name}: ${textOf(error)}\n`);
    process.exit(1); // a half-started process may hold connections that would keep it alive
  }
}

/** What nobody foresaw is told with its place in the code, for the one who mends it; everything else in the broker's own words. */
function textOf(error: unknown): string {
  if (error instanceof ConfigError || error instanceof OperatorError) return error.message;
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `The start failed for a reason that the broker does not know. Please report this text:\n${stack}`;
}

/** Tells of variables that look like slips, before they are missed. */
export function warnOfNearMisses(log: { warn(fields: object, message: string): void }): void {
  for (const { name, meant } of nearMisses(process.env)) {
    log.warn({ name, meant }, 'a variable that the process does not read has nearly the name of one that it reads');
  }
}

/** The version of this package. */
export function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}
