import type { ClientProtocol } from '../../../protocol/client-protocol.js';
import type { StatementSessions } from '../../../protocol/statement-session.js';
import { CLIENT_PROTOCOLS } from '../../client-protocols.js';
import { UsageFailure } from '../terminal/conventions.js';

/** @throws UsageFailure when this version has no sessions of the protocol */
export async function sessionsOf(
  protocol: string,
  protocols: readonly ClientProtocol[] = CLIENT_PROTOCOLS,
): Promise<StatementSessions> {
  const load = protocols.find(({ name }) => name === protocol)?.sessions;
  if (load !== undefined) return load();
  throw new UsageFailure(`doorwarden exec does not speak ${protocol}. Use doorwarden run with a client of your own.`);
}
