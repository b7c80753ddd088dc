/** Where a message or a job that could not be sent is noted; pino's loggers fit. */
export interface SignalLog {
  debug(fields: object, message: string): void;
}

/**
 * Lets something be sent without waiting for it. A signal that is lost costs its receiver a moment, because the state database
 * has what it is about; a failure is only noted. `what` names it: `a message`.
 */
export function sendAtBest(sent: Promise<unknown>, what: string, log: SignalLog): void {
  sent.catch((error: unknown) => {
    log.debug({ reason: error instanceof Error ? error.message : 'unknown' }, `${what} was not sent`);
  });
}
