import { setTimeout as pause } from 'node:timers/promises';
import { collectDefaultMetrics, type Registry } from 'prom-client';

/** Until the event loop's lag has been measured a few times. */
const FIRST_MS = 50;

const measured = new WeakSet<Registry>();

/**
 * The metrics of a registry, with those of Node.js and of the process, in the format of Prometheus. These are measured from the
 * first time that somebody asks: to measure the lag of the event loop wakes a process a hundred times a second, and nobody
 * may ever ask.
 */
export async function metricsText(registry: Registry): Promise<string> {
  if (!measured.has(registry)) {
    measured.add(registry);
    collectDefaultMetrics({ register: registry });
    await pause(FIRST_MS);
  }
  return registry.metrics();
}
