import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout's root folder, seen from `dist/apps/quickstart/`. */
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

const LOCAL = join(ROOT, '.local');
const HOME = join(LOCAL, 'quickstart');

/** Where everything of the quickstart is. */
export const PATHS = {
  /** What a script needs to use the broker while it serves; mode 600. */
  state: join(LOCAL, 'quickstart.json'),
  logs: join(HOME, 'logs'),
  /** Data of this run only: the next one begins with an empty folder. */
  run: join(HOME, 'run'),
  /** The agent's key, for programs that read it from a file; mode 600. */
  agentKey: join(HOME, 'run', 'agent.key'),
  /** The MCP server as a client's configuration has it. */
  mcpConfig: join(LOCAL, 'quickstart-mcp.json'),
  /** Keys and recordings that a configured state database remembers from run to run. */
  kept: join(HOME, 'kept'),
  /** The command line of this checkout, with the Node.js that it needs. */
  doorwarden: join(ROOT, 'doorwarden'),
  cli: join(ROOT, 'dist', 'apps', 'cli', 'main.js'),
  app: (name: string) => join(ROOT, 'dist', 'apps', `${name}.js`),
} as const;

/** The path as a reader of the terminal types it, from the checkout's root. */
export function shown(path: string): string {
  return path.startsWith(`${ROOT}/`) ? path.slice(ROOT.length + 1) : path;
}
