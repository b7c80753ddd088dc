import { runnerOf } from '../protocol/statement-runner.js';
import { MYSQL_RUNNER } from '../protocols/mysql/client/mysql-runner.js';

/** Runs statements of agents on targets of the protocols that this build speaks as a client. */
export const STATEMENT_RUNNERS = runnerOf([MYSQL_RUNNER]);
