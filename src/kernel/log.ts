import { pino, type Logger } from 'pino';

/** How deep a chain of causes is logged. */
const CAUSES_MAX = 4;

/**
 * A process's log: JSON lines on standard output. Errors go in with their own words and stack only, because errors of
 * drivers carry statements and their values as further fields.
 */
export function createLog(name: string, level: string): Logger {
  return pino({
    level,
    base: { name, pid: process.pid },
    serializers: { err: (error: unknown) => errorFields(error, CAUSES_MAX) },
    redact: { paths: ['password', 'key', 'authorization', '*.password', '*.authorization'], censor: '[redacted]' },
  });
}

function errorFields(error: unknown, causesMax: number): unknown {
  if (!(error instanceof Error)) return { message: typeof error };
  return {
    type: error.name,
    message: error.message,
    ...('code' in error && typeof error.code === 'string' ? { code: error.code } : {}),
    stack: error.stack,
    ...(error.cause === undefined || causesMax === 0 ? {} : { cause: errorFields(error.cause, causesMax - 1) }),
  };
}
