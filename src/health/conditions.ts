import type { Queues } from '../messaging/queues.js';
import type { StateProbe } from '../persistence/state/state-probe.js';
import { answers, type Condition, type ConditionChecks } from './readiness.js';

const NO_GATEWAY = 'No gateway is there: no grant opens, no target is registered until one starts.';
const ONLY_DRAINING =
  'All gateways that are there drain: no grant opens, no target is registered until another one starts; open grants go on.';
const NO_WORKER = 'No worker is there: nothing is sealed, nobody is notified until one starts.';
const STATE_SILENT = { status: 'down', message: 'The state database did not say.' } as const;

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
