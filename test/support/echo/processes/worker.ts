import { CHANNELS } from '../../../../src/apps/channels.js';
import { GATEWAY_PROTOCOLS } from '../../../../src/apps/gateway-protocols.js';
import { PROTOCOLS } from '../../../../src/apps/protocols.js';
import { runProcess } from '../../../../src/apps/run-process.js';
import { runWorker } from '../../../../src/apps/worker/run-worker.js';
import { ECHO_GATEWAY } from '../gateway.js';
import { ECHO } from '../target.js';

await runProcess('worker with echo', () =>
  runWorker({
    protocols: [...PROTOCOLS, ECHO],
    gatewayProtocols: [...GATEWAY_PROTOCOLS, ECHO_GATEWAY],
    channels: CHANNELS,
  }),
);
