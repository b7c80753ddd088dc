import { pointSelects } from '../clients.js';
import { type Bounds, type Figure, whole } from '../figures.js';
import type { Bench, Row } from '../row.js';
import type { Proxy } from '../servers.js';
import { sideBySide } from '../side-by-side.js';

interface Load {
  readonly connections: number;
  readonly prepared: boolean;
}

interface Comparison extends Load {
  readonly name: string;
  readonly with: (bench: Bench) => Proxy | string;
  readonly floor: number;
  readonly goal: number;
}

const COMPARISONS: readonly Comparison[] = [
  { name: 'select-1', connections: 1, prepared: false, with: (bench) => bench.haproxy, floor: 0.85, goal: 1 },
  { name: 'select-8', connections: 8, prepared: false, with: (bench) => bench.haproxy, floor: 0.75, goal: 1 },
  { name: 'select-8-router', connections: 8, prepared: false, with: (bench) => bench.router, floor: 1, goal: 1.25 },
  { name: 'prepared-8', connections: 8, prepared: true, with: (bench) => bench.haproxy, floor: 0.75, goal: 1 },
];

/** Point selects in a second through the broker, for each one through another proxy. */
const brokerRows: readonly Row[] = COMPARISONS.map((comparison) => ({
  name: comparison.name,
  what: `${comparison.prepared ? 'prepared ' : ''}point selects, connections: ${comparison.connections}`,
  bounds: { floor: comparison.floor, goal: comparison.goal, unit: 'ratio', better: 'higher' } satisfies Bounds,
  measure: async (bench) => {
    const grant = await bench.broker.openGrant();
    try {
      return await compare(bench, { name: 'broker', login: grant.login }, comparison.with(bench), comparison);
    } finally {
      await bench.broker.closeGrant(grant);
    }
  },
}));

/** What a proxy in Node.js reaches that neither reads nor records anything, for each one through MySQL Router. */
const relayRow: Row = {
  name: 'relay-8-router',
  what: 'for scale: point selects through a bare relay in Node.js, connections: 8',
  bounds: { unit: 'ratio' },
  measure: (bench) =>
    compare(bench, { name: bench.relay.version, login: bench.relay.login }, bench.router, {
      connections: 8,
      prepared: false,
    }),
};

export const pointSelectRows: readonly Row[] = [...brokerRows, relayRow];

async function compare(
  { options, say }: Bench,
  own: { readonly name: string; readonly login: Proxy['login'] },
  other: Proxy | string,
  { connections, prepared }: Load,
): Promise<Figure | string> {
  if (typeof other === 'string') return other;
  const run = { connections, prepared, seconds: options.seconds };
  return sideBySide(
    { name: own.name, measure: () => pointSelects(own.login, run) },
    { name: other.version, measure: () => pointSelects(other.login, run) },
    { runs: options.runs, say, show: (rate) => `${whole(rate)}/s` },
  );
}
