import type { RecordedProtocol } from '../../../recording/recorded-protocol.js';
import { STATEMENT_COMMANDS } from './bodies.js';
import { BODY_BYTES } from './body-bytes.js';
import { BODIES } from './body-schemas.js';
import { isUsualBody } from './body-shape.js';
import { passesUsualBody } from './body-walk.js';
import { MYSQL_REPLAY } from './mysql-replay.js';

/** Recordings of MySQL and MariaDB. */
export const MYSQL_RECORDED: RecordedProtocol = {
  name: 'mysql',
  inFlight: 'one',
  operationNames: new Set(STATEMENT_COMMANDS),
  bodies: BODIES,
  isUsualBody,
  passesUsualBody,
  bytes: BODY_BYTES,
  replay: MYSQL_REPLAY,
};
