import type { Queues } from '../messaging/queues.js';
import type { StateProbe } from '../persistence/state/state-probe.js';
import { answers, type Condition, type ConditionChecks } from './readiness.js';

const NO_GATEWAY = 'No gateway is alive. Until one starts, no grant opens and no target can be registered.';
const ONLY_DRAINING =
  'All gateways drain. Until another gateway starts, no grant opens and no target can be registered; open grants go on.';
const NO_WORKER = 'No worker is alive. Until one starts, nothing is sealed and nobody is notified.';
const STATE_SILENT = { status: 'down', message: 'The state database did not answer.' } as const;

/** What every process needs: the state database and Redis. */
export function commonConditions(state: StateProbe, queues: Queues): ConditionChecks {
  return { database: answers(() => state.ping()), queue: answers(() => queues.ping()) };
}

/**
 * Without a gateway or a worker a process still answers, closes and decides: it is degraded and says what does not happen
 * meanwhile, and is no less ready for that.
 */
export function companions(state: StateProbe): ConditionChecks {
  type Seen = Awaited<ReturnType<StateProbe['whoIsThere']>>;
  const seen = async (say: (there: Seen) => Condition): Promise<Condition> => {
    const there = await state.whoIsThere().catch(() => undefined);
    return there === undefined ? STATE_SILENT : say(there);
  };
  return { gateways: () => seen(gatewaysOf), workers: () => seen(workersOf) };
}

function gatewaysOf({
  gateways: alive,
  draining,
}: {
  readonly gateways: number;
  readonly draining: number;
}): Condition {
  if (alive > 0) return { status: 'up', alive, draining };
  return { status: 'degraded', alive, draining, message: draining === 0 ? NO_GATEWAY : ONLY_DRAINING };
}

function workersOf({ workers: alive }: { readonly workers: number }): Condition {
  return alive === 0 ? { status: 'degraded', alive, message: NO_WORKER } : { status: 'up', alive };
}
