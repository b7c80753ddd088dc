import { StatementsUnreadable, type StatementSessions } from '../../../protocol/statement-session.js';
import { PLAIN_SQL_MODE, type SqlDialect } from '../sql/text/dialect.js';
import { lex } from '../sql/text/lexer.js';
import { statementsIn } from '../sql/text/statements.js';

/** Where texts are cut depends on it only within executable comments; the gateway reads each by the target's own. */
const DIALECT: SqlDialect = { flavour: 'mysql', version: 80_000, sqlMode: PLAIN_SQL_MODE };

/** Sessions of `doorwarden exec` on MySQL and MariaDB; the driver is loaded when one is opened. */
export const MYSQL_SESSIONS: StatementSessions = {
  statementsIn(text) {
    const bytes = Buffer.from(text);
    const { tokens, refused } = lex(bytes, DIALECT);
    if (refused !== null) throw new StatementsUnreadable(`The SQL cannot be taken apart: ${refused}.`);
    let from = 0;
    return statementsIn(tokens, DIALECT).map(({ end }) => {
      const statement = bytes.toString('utf8', from, tokens.end(end - 1)).trim();
      from = end < tokens.count ? tokens.end(end) : bytes.length;
      return statement;
    });
  },
  open: async (connection) => (await import('./streaming-session.js')).openStreamingSession(connection),
};
