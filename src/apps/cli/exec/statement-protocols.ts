import type { StatementSessions } from '../../../protocol/statement-session.js';
import { UsageFailure } from '../terminal/conventions.js';

/** Only what is used is loaded. */
const PROTOCOLS: Readonly<Record<string, () => Promise<StatementSessions>>> = {
  mysql: async () => (await import('../../../protocols/mysql/client/mysql-sessions.js')).MYSQL_SESSIONS,
};

/** @throws UsageFailure when this version has no words for it */
export async function sessionsOf(protocol: string): Promise<StatementSessions> {
  const load = Object.hasOwn(PROTOCOLS, protocol) ? PROTOCOLS[protocol] : undefined;
  if (load !== undefined) return load();
  throw new UsageFailure(`doorwarden exec does not speak ${protocol}. Use doorwarden run with a client of your own.`);
}
