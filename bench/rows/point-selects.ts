import { pointSelects } from '../clients.js';
import { type Bounds, type Figure, whole } from '../figures.js';
import type { Bench, Row } from '../row.js';
import type { Proxy } from '../servers.js';
import { sideBySide } from '../side-by-side.js';

interface Load {
  readonly name: string;
  readonly connections: number;
  readonly prepared: boolean;
  readonly against: (bench: Bench) => Proxy | string;
  readonly floor: number;
  readonly goal: number;
}

const LOADS: readonly Load[] = [
  { name: 'select-1', connections: 1, prepared: false, against: (bench) => bench.haproxy, floor: 0.85, goal: 1 },
  { name: 'select-8', connections: 8, prepared: false, against: (bench) => bench.haproxy, floor: 0.75, goal: 1 },
  { name: 'select-8-router', connections: 8, prepared: false, against: (bench) => bench.router, floor: 1, goal: 1.25 },
  { name: 'prepared-8', connections: 8, prepared: true, against: (bench) => bench.haproxy, floor: 0.75, goal: 1 },
];

/** Point selects in a second through the broker, for each one through another proxy. */
export const pointSelectRows: readonly Row[] = LOADS.map((load) => ({
  name: load.name,
  what: `${load.prepared ? 'prepared ' : ''}point selects, connections: ${load.connections}`,
  bounds: { floor: load.floor, goal: load.goal, unit: 'ratio', better: 'higher' } satisfies Bounds,
  measure: (bench) => measure(bench, load),
}));

async function measure(bench: Bench, load: Load): Promise<Figure | string> {
  const { broker, options, say } = bench;
  const proxy = load.against(bench);
  if (typeof proxy === 'string') return proxy;
  const grant = await broker.openGrant();
  const run = { connections: load.connections, prepared: load.prepared, seconds: options.seconds };
  try {
    return await sideBySide(
      { name: 'broker', measure: () => pointSelects(grant.login, run) },
      { name: proxy.version, measure: () => pointSelects(proxy.login, run) },
      { runs: options.runs, say, show: (rate) => `${whole(rate)}/s` },
    );
  } finally {
    await broker.closeGrant(grant);
  }
}
