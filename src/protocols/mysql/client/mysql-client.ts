import type { ClientProtocol } from '../../../protocol/client-protocol.js';
import { SQL_ACCESS_WORDS } from '../../sql/access-words.js';
import { SQL_TARGET_WORDS } from '../../sql/target-words.js';
import { MYSQL_FORMS } from './known-forms.js';

/** MySQL and MariaDB, as the command line and the tools of agents know them. */
export const MYSQL_CLIENT: ClientProtocol = {
  name: 'mysql',
  access: SQL_ACCESS_WORDS,
  words: SQL_TARGET_WORDS,
  trial: {
    text: 'SQL',
    options: [
      { flags: '--database <name>', about: "the session's database; default: the target's" },
      { flags: '--in-transaction', about: 'the session has a transaction open' },
    ],
    trialOf: (text, { database, inTransaction = false }) => ({
      statement: text,
      inTransaction,
      ...(database === undefined ? {} : { database }),
    }),
  },
  forms: MYSQL_FORMS,
  examples: {
    run: [
      'doorwarden run --target shop --task "Monthly report" -- python3 report.py',
      'doorwarden run --target shop --task "Fix order 17" --write orders --reference JIRA-42 -- node fix.js',
      `doorwarden run --target shop --task "Back up the catalog" --read 'shop.*' -- sh -c 'mysqldump shop > shop.sql'`,
    ],
    connect: [
      'doorwarden connect shop',
      'doorwarden connect shop --task "Look at order 17" --write orders --client mysql',
      `doorwarden connect shop -- --safe-updates --prompt='shop> '`,
    ],
    exec: [
      'doorwarden exec shop "SELECT id, total FROM orders"',
      'doorwarden exec shop "UPDATE orders SET total = 0 WHERE id = 17" --write orders --task "Fix order 17"',
      "doorwarden exec shop --file report.sql --read 'shop.*' --format csv > report.csv",
      'generate-sql | doorwarden exec shop --json',
    ],
    execTold: 'Statements end with a semicolon.',
    policyTry: ['doorwarden policy try --target orders-db "UPDATE orders SET state = 1 WHERE id = 7"'],
    connectionTold: `The program finds the connection in its environment: DATABASE_URL, MYSQL_HOST, MYSQL_TCP_PORT, MYSQL_USER, MYSQL_PWD and
MYSQL_DATABASE; DOORWARDEN_FILES names a folder with the authority and option files. mysql, mariadb and their tools need no
options.`,
  },
  sessions: async () => (await import('./mysql-sessions.js')).MYSQL_SESSIONS,
};
