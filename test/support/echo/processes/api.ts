import { runApi } from '../../../../src/apps/api/run-api.js';
import { PROTOCOLS } from '../../../../src/apps/protocols.js';
import { runProcess } from '../../../../src/apps/run-process.js';
import { STATEMENT_RUNNERS } from '../../../../src/apps/statement-runners.js';
import { ECHO } from '../target.js';

await runProcess('api with echo', () => runApi([...PROTOCOLS, ECHO], { statements: STATEMENT_RUNNERS }));
