import type { GatewayView } from '../../contracts/broker/gateway.js';
import type { PresentGateway } from '../../persistence/processes/gateway.repository.js';
import { timeOf, timeOrNull } from '../http/time.js';

/** A gateway as operators see it. */
export function gatewayViewOf(gateway: PresentGateway): GatewayView {
  const { id, name, isAlive, openGrants, startedAtMs, drainAskedAtMs, drainAskedBy, drainUntilMs } = gateway;
  const drains = drainAskedAtMs !== null || drainUntilMs !== null;
  return {
    id,
    name,
    state: isAlive ? (drains ? 'draining' : 'running') : 'lost',
    grants: openGrants,
    startedAt: timeOf(startedAtMs),
    drain: drains
      ? { askedAt: timeOrNull(drainAskedAtMs), askedBy: drainAskedBy, until: timeOrNull(drainUntilMs) }
      : null,
  };
}
