import { type Command, Command as NewCommand, Option } from 'commander';
import { withApi } from '../api-option.js';
import { examples } from '../terminal/api-command.js';
import type { McpOptions } from './mcp-work.js';

/** `doorwarden mcp`: the tools of an agent over standard input and output. */
export function mcpCommand(): Command {
  return withApi(new NewCommand('mcp').description('Serve MCP over standard input and output; agent hosts start it'))
    .option('--no-statements', 'leave out run_statement, which runs statements and gives their rows to the model')
    .addOption(new Option('--with-statements', 'offer run_statement; so it is anyway').hideHelp())
    .addHelpText(
      'after',
      examples(
        [
          'doorwarden mcp',
          ['doorwarden mcp --no-statements', 'the model never sees a row'],
          ['doorwarden mcp --profile agent', 'as the agent whose key is in this profile'],
        ],
        'DOORWARDEN_API says where the broker is, DOORWARDEN_API_KEY or DOORWARDEN_TOKEN_FILE who calls: an agent, not a person.\nThe file of a token is read again at each call. Connections are written below ~/.doorwarden, or DOORWARDEN_HOME.\ndocs/mcp.md has what hosts such as Claude Code, Cursor and VS Code want in their files.',
      ),
    )
    .action(async (options: McpOptions) => (await import('./mcp-work.js')).serveMcp(options));
}
