import type { ConnectionView } from '../../../../contracts/grant.js';
import { PLAIN_SQL_MODE, type SqlDialect } from '../../../../protocols/mysql/sql/text/dialect.js';
import { lex } from '../../../../protocols/mysql/sql/text/lexer.js';
import { statementsIn } from '../../../../protocols/mysql/sql/text/statements.js';
import { UsageFailure } from '../../terminal/conventions.js';
import type { StatementProtocol } from '../statement-client.js';

/** Where texts are cut depends on it only within executable comments; the gateway reads each by the target's own. */
const DIALECT: SqlDialect = { flavour: 'mysql', version: 80_000, sqlMode: PLAIN_SQL_MODE };

export const MYSQL_STATEMENTS: StatementProtocol = {
  statementsIn(text) {
    const bytes = Buffer.from(text);
    const { tokens, refused } = lex(bytes, DIALECT);
    if (refused !== null) throw new UsageFailure(`The SQL cannot be taken apart: ${refused}.`);
    let from = 0;
    return statementsIn(tokens, DIALECT).map(({ end }) => {
      const statement = bytes.toString('utf8', from, tokens.end(end - 1)).trim();
      from = end < tokens.count ? tokens.end(end) : bytes.length;
      return statement;
    });
  },
  connect: async (connection: ConnectionView) => (await import('./mysql-client.js')).connectMysql(connection),
};
