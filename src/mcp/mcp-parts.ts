import type { DoorwardenClient } from '../client/doorwarden-client.js';
import type { ConnectionKeeper, ConnectionWriter } from './connection-keeper.js';
import type { StatementRunner } from '../protocol/statement-runner.js';
import type { ToldProtocol } from '../protocol/target-words.js';

/** What a server is made of. It keeps nothing between calls: what lasts is in the broker and with the keeper. */
export interface McpParts {
  /** The broker as the caller sees it: every rule is enforced there, and none here. */
  readonly broker: DoorwardenClient;
  /** The version of the broker, or of the command line. */
  readonly version: string;
  readonly keeper: ConnectionKeeper;
  /** Absent: `get_connection` gives no files, and its caller must name a form. */
  readonly writer?: ConnectionWriter;
  /** Those that this build knows: what only they mean, agents are told in their words. */
  readonly protocols: readonly ToldProtocol[];
  /** Absent: `describe` tells of the grant alone. */
  readonly statements?: StatementRunner;
  /** Whether `run_statement` and `wait_for_statement` are offered; they need `statements`. */
  readonly runsStatements: boolean;
  /** The address of the page where people decide on an approval; null: not known. */
  readonly pageOf: (approvalId: string) => string | null;
  /**
   * Asked before each tool: whether the caller may use this server. Absent: somebody else has asked already.
   * @throws ApiFailure or BrokerError `mcp_agents_only`
   */
  readonly admit?: (signal: AbortSignal) => Promise<void>;
  /** Told of what nobody foresaw; the caller is told `internal` then. */
  readonly report?: (error: unknown) => void;
}
