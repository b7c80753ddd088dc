import { runApi } from './api/run-api.js';
import { ANY_ADDRESS } from './any-address.js';
import { PROTOCOLS } from './protocols.js';
import { runProcess } from './run-process.js';

await runProcess('doorwarden api', () => runApi(PROTOCOLS, { anyAddress: process.argv.includes(ANY_ADDRESS) }));
