import type { RecordedReplay } from '../../../recording/replay/teller.js';
import { MysqlTeller } from './mysql-teller.js';
import { responseDecoder } from './response-decoder.js';
import { sqlTranscript } from './sql-transcript.js';

const nouns = { operation: 'statement', changed: 'row' };

/** How recordings of MySQL and MariaDB are replayed. */
export const MYSQL_REPLAY: RecordedReplay = {
  nouns,
  formats: { sql: (replayed) => sqlTranscript(replayed, nouns) },
  // MariaDB before 11 says 5.5.5- first, for the sake of old replicas.
  versionText: (version) => version.replace(/^5\.5\.5-/, ''),
  teller: (options) => new MysqlTeller(options, responseDecoder()),
};
