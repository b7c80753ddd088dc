import { CHANNELS } from './channels.js';
import { PROTOCOLS } from './protocols.js';
import { runProcess } from './run-process.js';
import { runWorker } from './worker/run-worker.js';

await runProcess('doorwarden worker', () =>
  runWorker({
    protocols: PROTOCOLS,
    gatewayProtocols: async () => (await import('./gateway-protocols.js')).GATEWAY_PROTOCOLS,
    channels: CHANNELS,
  }),
);
