import { CHANNELS } from './channels.js';
import { GATEWAY_PROTOCOLS } from './gateway-protocols.js';
import { PROTOCOLS } from './protocols.js';
import { runProcess } from './run-process.js';
import { runWorker } from './worker/run-worker.js';

await runProcess('doorwarden worker', () =>
  runWorker({ protocols: PROTOCOLS, gatewayProtocols: GATEWAY_PROTOCOLS, channels: CHANNELS }),
);
