import type { ProtocolName } from '../../../domain/protocol-value.js';
import type { ClientProtocol } from '../../../protocol/client-protocol.js';
import { type StatementSessions, StatementsUnreadable } from '../../../protocol/statement-session.js';
import { CLIENT_PROTOCOLS } from '../../client-protocols.js';
import { UsageFailure } from '../terminal/conventions.js';

/** A text, taken apart by the protocol that its target speaks. */
export interface ReadStatements {
  readonly protocol: ProtocolName;
  readonly sessions: StatementSessions;
  readonly statements: readonly string[];
  /** What one of them is called: `statement`. */
  readonly called: string;
}

/**
 * Takes a text apart as the protocol reads it, and no other does.
 * @throws UsageFailure for a text that is none of its, and for a protocol by which nothing can be run here
 */
export async function readStatements(
  text: string,
  protocol: string,
  protocols: readonly ClientProtocol[] = CLIENT_PROTOCOLS,
): Promise<ReadStatements> {
  const known = protocols.find(({ name }) => name === protocol);
  if (known?.sessions === undefined) throw new UsageFailure(`${whyNone(protocol, known)} ${INSTEAD}`);
  return statementsOf(known, await known.sessions(), text);
}

/**
 * For a target of which nobody says what it speaks: a text that no protocol reads is none on any target.
 * @throws UsageFailure as the first protocol says it
 */
export async function requireAnyReading(
  text: string,
  protocols: readonly ClientProtocol[] = CLIENT_PROTOCOLS,
): Promise<void> {
  const speaking = protocols.filter(({ sessions }) => sessions !== undefined);
  const readings = await Promise.allSettled(speaking.map(({ name }) => readStatements(text, name, protocols)));
  const failures = readings.flatMap((reading) => (reading.status === 'rejected' ? [reading] : []));
  if (failures.length > 0 && failures.length === readings.length) throw failures[0]?.reason;
}

const INSTEAD = 'Use doorwarden run with a client of your own.';

function whyNone(protocol: string, known: ClientProtocol | undefined): string {
  return known === undefined
    ? `The target speaks ${protocol}, which this version of doorwarden does not know.`
    : `The target speaks ${protocol}, which doorwarden exec does not.`;
}

function statementsOf({ name, words }: ClientProtocol, sessions: StatementSessions, text: string): ReadStatements {
  const called = words.operation;
  try {
    const statements = sessions.statementsIn(text);
    if (statements.length > 0) return { protocol: name, sessions, statements, called };
  } catch (error) {
    throw error instanceof StatementsUnreadable ? new UsageFailure(error.message) : error;
  }
  throw new UsageFailure(`There is no ${called} in it.`);
}
