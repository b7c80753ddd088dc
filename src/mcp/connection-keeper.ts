import type { ConnectionView } from '../contracts/grants/grant.js';

/**
 * Has the connections of the caller's grants. The broker shows each only once, so the tools never ask the API for one
 * themselves: what was shown to this server stays where the keeper has it, and serves `get_connection` and
 * `run_statement` alike. It never gives a connection to another principal than the one whose it is.
 */
export interface ConnectionKeeper {
  /**
   * The connection as it is shown to the agent.
   * @throws ApiFailure or BrokerError `connection_not_ready`, `connection_already_fetched`, `grant_not_active`, `grant_not_found`
   */
  take(grantId: string, signal: AbortSignal): Promise<ConnectionView>;
  /** The connection for a statement that this server runs: the agent need not see it. @throws as `take` */
  connectionOf(grantId: string, signal: AbortSignal): Promise<ConnectionView>;
  /** The grant is over: nothing of its connection is kept any longer. */
  forget(grantId: string): Promise<void>;
}

/** How `get_connection` gives a connection: written into files, as environment variables, as one text. */
export const CONNECTION_FORMS = ['file', 'env', 'dsn'] as const;
export type ConnectionForm = (typeof CONNECTION_FORMS)[number];

/** Files that a connection was written into: on the machine of the agent, for its user's eyes alone. */
export interface WrittenConnection {
  readonly folder: string;
  /** Name → path. */
  readonly files: Readonly<Record<string, string>>;
  /** Command lines that use the files and say no password: the client's name → the line for a POSIX shell. */
  readonly commands: Readonly<Record<string, string>>;
}

/** Writes connections into files; a server over HTTP has none, since its files would be on the broker's machine. */
export interface ConnectionWriter {
  write(grantId: string, connection: ConnectionView): Promise<WrittenConnection>;
}
