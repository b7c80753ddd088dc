import { MYSQL_RUNNER } from '../protocols/mysql/client/mysql-runner.js';
import { runApi } from './api/run-api.js';
import { ANY_ADDRESS } from './any-address.js';
import { PROTOCOLS } from './protocols.js';
import { runProcess } from './run-process.js';

const anyAddress = process.argv.includes(ANY_ADDRESS);

await runProcess('doorwarden api', () => runApi(PROTOCOLS, { anyAddress, statements: MYSQL_RUNNER }));
