import { ConfigError } from '../config/load.js';
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
