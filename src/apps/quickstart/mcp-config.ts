import { rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { PATHS } from './paths.js';

/** A server as the configurations of MCP clients name it; Claude Code and Cursor take it as it stands. */
export interface McpConfig {
  readonly mcpServers: { readonly doorwarden: McpServerCommand };
}

interface McpServerCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** The MCP server for this quickstart. It names the file that holds the agent's key, so that the key stands in no configuration. */
export function mcpConfig(api: string): McpConfig {
  const env = { DOORWARDEN_API: api, DOORWARDEN_TOKEN_FILE: PATHS.agentKey };
  return { mcpServers: { doorwarden: { command: PATHS.doorwarden, args: ['mcp'], env } } };
}

/** Writes the configuration, and the key for its owner only. */
export async function writeMcpConfig(api: string, agentKey: string): Promise<McpConfig> {
  const config = mcpConfig(api);
  await writeFile(PATHS.agentKey, `${agentKey}\n`, { mode: 0o600 });
  await writeFile(PATHS.mcpConfig, `${JSON.stringify(config, null, 2)}\n`);
  return config;
}

/** Nobody shall start a server for a broker that does not serve. */
export function removeMcpConfig(): void {
  for (const path of [PATHS.mcpConfig, PATHS.agentKey]) rmSync(path, { force: true });
}
