import { UsageFailure } from '../terminal/conventions.js';
import type { StatementProtocol } from './statement-client.js';

/** Only what is used is loaded. */
const PROTOCOLS: Readonly<Record<string, () => Promise<StatementProtocol>>> = {
  mysql: async () => (await import('./mysql/mysql-statements.js')).MYSQL_STATEMENTS,
};

/** @throws UsageFailure when this version has no words for it */
export async function statementsOf(protocol: string): Promise<StatementProtocol> {
  const load = Object.hasOwn(PROTOCOLS, protocol) ? PROTOCOLS[protocol] : undefined;
  if (load !== undefined) return load();
  throw new UsageFailure(`doorwarden exec does not speak ${protocol}. Use doorwarden run with a client of your own.`);
}
