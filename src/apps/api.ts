import { runApi } from './api/run-api.js';
import { PROTOCOLS } from './protocols.js';
import { runProcess } from './run-process.js';

await runProcess('doorwarden api', () => runApi(PROTOCOLS));
