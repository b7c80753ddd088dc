import type { Shutdown } from './shutdown.js';

/** What a parent process tells its gateways. A signal may reach a gateway from elsewhere besides; a message cannot. */
export type ShutdownOrder = 'drain' | 'end';

/**
 * SIGTERM, as a supervisor sends it, drains; a second one ends at once. SIGINT, as Ctrl-C sends it, ends at once: a person
 * waits there. Of several gateways under one parent a supervisor may signal each, and their parent too: it sends orders,
 * of which a second one is no second signal.
 */
export function listenForShutdown(shutdown: Pick<Shutdown, 'drain' | 'endNow' | 'drainUntilMs'>): void {
  let isSignalled = false;
  process.on('SIGTERM', (signal) => {
    if (isSignalled) shutdown.endNow(signal);
    else shutdown.drain(signal);
    isSignalled = true;
  });
  process.on('SIGINT', (signal) => shutdown.endNow(signal));
  process.on('message', (order: unknown) => {
    if (order === ('drain' satisfies ShutdownOrder)) shutdown.drain('its parent process');
    if (order === ('end' satisfies ShutdownOrder)) shutdown.endNow('its parent process');
  });
}
