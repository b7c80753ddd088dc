import { runGateway } from './gateway/run-gateway.js';
import { GATEWAY_PROTOCOLS } from './gateway-protocols.js';
import { PROTOCOLS } from './protocols.js';
import { runProcess } from './run-process.js';

await runProcess('gateway', () => runGateway(PROTOCOLS, GATEWAY_PROTOCOLS));
