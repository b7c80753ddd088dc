import type { LoggerService } from '@nestjs/common';

/** The framework's own account of how it starts: one line for each module and route. */
const FRAMEWORK = new Set<unknown>([
  'InstanceLoader',
  'NestApplication',
  'NestFactory',
  'RouterExplorer',
  'RoutesResolver',
]);

/** A logger that keeps the framework's account of its start for those who debug. */
export function withoutStartNoise(log: LoggerService): LoggerService {
  return {
    fatal: (message: unknown, ...rest: unknown[]) => log.fatal?.(message, ...rest),
    error: (message: unknown, ...rest: unknown[]) => log.error(message, ...rest),
    warn: (message: unknown, ...rest: unknown[]) => log.warn(message, ...rest),
    log: (message: unknown, ...rest: unknown[]) =>
      FRAMEWORK.has(rest.at(-1)) ? log.debug?.(message, ...rest) : log.log(message, ...rest),
    debug: (message: unknown, ...rest: unknown[]) => log.debug?.(message, ...rest),
    verbose: (message: unknown, ...rest: unknown[]) => log.verbose?.(message, ...rest),
  };
}
