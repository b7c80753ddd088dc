import type { TargetEnder } from '../../control/reaper/target-ender.js';
import { protocolNamed } from '../../domain/protocol-named.js';
import type { GatewayProtocol } from '../../gateway/gateway-protocol.js';
import { grantOpenedEntry } from '../../gateway/grant-opened.js';

/** Ends grants whose gateway is gone, each by the protocol of its target. */
export function targetEnder(protocols: readonly GatewayProtocol[]): TargetEnder {
  return {
    // The policies it was opened under are not known any more.
    openedEntry: (order, gatewayId) => grantOpenedEntry(order, gatewayId, null),
    end: async (order, recorded) => protocolNamed(protocols, order.target.protocol).endAccess(order, recorded),
  };
}
