import { GATEWAY_PROTOCOLS } from '../../../../src/apps/gateway-protocols.js';
import { runGateway } from '../../../../src/apps/gateway/run-gateway.js';
import { PROTOCOLS } from '../../../../src/apps/protocols.js';
import { runProcess } from '../../../../src/apps/run-process.js';
import { ECHO_GATEWAY } from '../gateway.js';
import { ECHO } from '../target.js';

await runProcess('gateway with echo', () => runGateway([...PROTOCOLS, ECHO], [...GATEWAY_PROTOCOLS, ECHO_GATEWAY]));
