import { runApi } from './api/run-api.js';
import { ANY_ADDRESS } from './any-address.js';
import { PROTOCOLS } from './protocols.js';
import { runProcess } from './run-process.js';
import { STATEMENT_RUNNERS } from './statement-runners.js';

const anyAddress = process.argv.includes(ANY_ADDRESS);

await runProcess('doorwarden api', () => runApi(PROTOCOLS, { anyAddress, statements: STATEMENT_RUNNERS }));
