import { rmSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import type { AdminLogin } from './mariadb.js';
import type { McpConfig } from './mcp-config.js';
import { PATHS } from './paths.js';
import type { Keys, SignInLinks } from './people.js';

/** What a script needs to use the quickstart's broker and to look at its target. */
export interface QuickstartState {
  readonly ready: true;
  readonly api: string;
  /** The address of the web pages. */
  readonly web: string;
  readonly keys: Keys;
  /** A file with the agent's key alone, for DOORWARDEN_TOKEN_FILE. */
  readonly agentKeyFile: string;
  /** The MCP server for this broker, as a client's configuration has it; over HTTP it is at `/mcp` of the API. */
  readonly mcp: McpConfig;
  /** The program that runs `doorwarden`. */
  readonly node: string;
  readonly target: string;
  readonly database: string;
  /** An administrator of the private server. */
  readonly mariadb: AdminLogin;
  /** Of the state database, for the commands that need nothing else; null where the user's is read from a file. */
  readonly databaseUrl: string | null;
  /** One-time links, for fifteen minutes; null where an identity provider signs people in. */
  readonly signIn: SignInLinks | null;
  /** The page of the local Slack; null without it. */
  readonly slack: string | null;
}

/** Writes `.local/quickstart.json`: whole or not at all, and for its owner only. */
export async function writeStateFile(state: QuickstartState): Promise<void> {
  const draft = `${PATHS.state}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  await rename(draft, PATHS.state);
}

/** Nobody shall read of a broker that does not serve; also right for the file of a quickstart that was killed. */
export function removeStateFile(): void {
  rmSync(PATHS.state, { force: true });
}
