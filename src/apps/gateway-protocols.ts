import type { GatewayProtocol } from '../gateway/gateway-protocol.js';
import { MYSQL_GATEWAY } from '../protocols/mysql/gateway.js';

/**
 * The protocols by which this build reaches targets: the second list besides `PROTOCOLS`, in a file of its own, because the
 * api never talks to a target and does not load what does.
 */
export const GATEWAY_PROTOCOLS: readonly GatewayProtocol[] = [MYSQL_GATEWAY];
