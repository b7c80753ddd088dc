import { serveStdio, StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { connectDoorwarden, type DoorwardenClient } from '../../../client/doorwarden-client.js';
import { shownLine } from '../../../domain/visible-text.js';
import { BrokerError } from '../../../kernel/errors.js';
import { ANSWER_MS_MAX, MESSAGE_BYTES_MAX } from '../../../mcp/limits.js';
import type { McpParts } from '../../../mcp/mcp-parts.js';
import { mcpServer } from '../../../mcp/mcp-server.js';
import { CLIENT_PROTOCOLS } from '../../client-protocols.js';
import { packageVersion } from '../../package-version.js';
import { STATEMENT_RUNNERS } from '../../statement-runners.js';
import { lightFetch } from '../light-fetch.js';
import { apiChoice, type ApiOptions } from '../profiles/api-choice.js';
import { runCommand } from '../terminal/conventions.js';
import { connectionHome, removeOldGrants } from './connection-home.js';
import { GrantFolderWriter } from './grant-folder-writer.js';
import { KeptConnectionFiles } from './kept-connection-files.js';

export interface McpOptions extends ApiOptions {
  readonly statements: boolean;
}

/** A call waits less than a minute, so an API that is away longer is told of. */
const RETRY = { firstMs: 5_000, laterMs: 20_000 };
/** What still runs when the host has gone is given this long to be stopped at its endpoint. */
const END_MS_MAX = 3_000;
const SIGNAL_EXIT = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** Serves until standard input ends. Standard output has the protocol alone, standard error what goes wrong. */
export async function serveMcp(options: McpOptions): Promise<void> {
  await runCommand('mcp', async () => {
    const { api, credential } = apiChoice(options, process.env);
    const broker = connectDoorwarden({ api, credential, fetch: lightFetch(), retry: RETRY, lateMsMax: ANSWER_MS_MAX });
    const home = connectionHome(process.env);
    await removeOldGrants(home, Date.now());
    const parts: McpParts = {
      broker,
      version: packageVersion(),
      keeper: new KeptConnectionFiles(broker, home, report),
      writer: new GrantFolderWriter(home),
      protocols: CLIENT_PROTOCOLS,
      statements: STATEMENT_RUNNERS,
      runsStatements: options.statements,
      pageOf: (approvalId) => broker.approvalLink(approvalId),
      admit: agentsOnly(broker, credential),
      report,
    };
    await served(parts);
  });
}

/** A person's credential gets no further than this: a program that a person runs must not decide with the person's rights. */
function agentsOnly(
  broker: DoorwardenClient,
  credential: () => string | Promise<string>,
): NonNullable<McpParts['admit']> {
  let admitted: string | undefined;
  return async (signal) => {
    const shown = await credential();
    if (shown === admitted) return;
    const { roles } = await broker.me({ signal });
    if (!roles.includes('agent')) throw new BrokerError('mcp_agents_only');
    admitted = shown;
  };
}

/** The standard streams, with a limit on what one message may have; whatever ends them comes to `close`. */
class StandardStreams extends StdioServerTransport {
  readonly ended: Promise<void>;
  readonly #end: () => void;

  constructor() {
    super(process.stdin, process.stdout, { maxBufferSize: MESSAGE_BYTES_MAX });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#end = resolve;
  }

  override async close(): Promise<void> {
    await super.close();
    this.#end();
  }
}

async function served(parts: McpParts): Promise<void> {
  const transport = new StandardStreams();
  const handle = serveStdio(() => mcpServer(parts), { transport, onerror: report });
  for (const [name, code] of Object.entries(SIGNAL_EXIT)) {
    process.once(name, () => {
      process.exitCode = code;
      void handle.close();
    });
  }
  await transport.ended;
  setTimeout(() => process.exit(), END_MS_MAX).unref(); // else it ends by itself, as soon as nothing runs any more
  process.stdin.destroy();
}

function report(error: unknown): void {
  process.stderr.write(`doorwarden mcp: ${shownLine(error instanceof Error ? error.message : String(error))}\n`);
}
