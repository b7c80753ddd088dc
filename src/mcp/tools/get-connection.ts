import { z } from 'zod';
import type { ConnectionView } from '../../contracts/grants/grant.js';
import { unreachable } from '../../kernel/assert.js';
import { BrokerError } from '../../kernel/errors.js';
import { CONNECTION_FORMS, type ConnectionForm } from '../connection-keeper.js';
import { activeGrant } from '../active-grant.js';
import type { McpParts } from '../mcp-parts.js';
import { wordsOfAll } from '../said-words.js';
import { type McpTool, type ToolAnswer, type ToolCall, toolOf } from '../tool.js';
import { grantId } from './ids.js';

const IN_CONTEXT =
  'The password stands in this answer, and so in your context: give it to the client that needs it, and repeat it nowhere.';
const ANNOTATIONS = { readOnlyHint: false, destructiveHint: false, openWorldHint: false };

/** The tool for a server that can write files where the agent is, and for one that cannot. */
export function getConnection(parts: Pick<McpParts, 'writer' | 'protocols'>): McpTool {
  const { operation } = wordsOfAll(parts);
  const forms = `\`env\` gives environment variables, \`dsn\` one text; both put the password into your context. Connect with any ordinary client; the broker judges and records every ${operation}.`;
  return parts.writer === undefined ? withoutFiles(forms) : withFiles(forms);
}

function withFiles(forms: string): McpTool {
  return toolOf({
    name: 'get_connection',
    title: 'Get the connection of a grant',
    description: `Gives the connection of an active grant. \`file\` (the default) writes it into files that only this user can read, and answers with their paths and a command, so that you never see the password. ${forms}`,
    input: z.strictObject({
      grant: grantId,
      as: z
        .enum(CONNECTION_FORMS)
        .default('file')
        .describe('How you want it; `file` unless a program cannot use files.'),
    }),
    annotations: { ...ANNOTATIONS, idempotentHint: true },
    run: ({ grant, as }, call) => connectionAnswer(grant, as, call),
  });
}

function withoutFiles(forms: string): McpTool {
  return toolOf({
    name: 'get_connection',
    title: 'Get the connection of a grant',
    description: `Gives the connection of an active grant, once. ${forms}`,
    input: z.strictObject({
      grant: grantId,
      as: z.enum(CONNECTION_FORMS).exclude(['file']).describe('How you want it.'),
    }),
    annotations: { ...ANNOTATIONS, idempotentHint: false },
    run: ({ grant, as }, call) => connectionAnswer(grant, as, call),
  });
}

async function connectionAnswer(grant: string, as: ConnectionForm, call: ToolCall): Promise<ToolAnswer> {
  const { parts, signal } = call;
  const { deadline } = await activeGrant(grant, call);
  const connection = await parts.keeper.take(grant, signal);
  const common = { grant, as, protocol: connection.protocol, deadline };
  switch (as) {
    case 'file':
      return fileAnswer(common, connection, parts);
    case 'env':
      return { text: `${IN_CONTEXT} It works until ${deadline}.`, facts: { ...common, ...envOf(connection) } };
    case 'dsn':
      return { text: `${IN_CONTEXT} It works until ${deadline}.`, facts: { ...common, dsn: connection.dsn } };
    default:
      return unreachable(as);
  }
}

async function fileAnswer(
  common: { readonly grant: string; readonly deadline: string },
  connection: ConnectionView,
  { writer }: McpParts,
): Promise<ToolAnswer> {
  if (writer === undefined) throw new BrokerError('request_invalid', { detail: 'as: must be env or dsn.' });
  const written = await writer.write(common.grant, connection);
  const commands = Object.values(written.commands);
  const use = commands.length === 0 ? '' : ` Connect with: ${commands.join('   or   ')}`;
  const text = `The connection is in ${written.folder}, readable by this user alone; it works until ${common.deadline}.${use}`;
  return { text, facts: { ...common, ...written } };
}

/** The variables, and of the files those that a variable names: a certificate of an authority, which is no secret. */
function envOf({ env, files }: ConnectionView) {
  const named = Object.entries(files).filter(([name]) => Object.values(env).includes(name));
  return { env, files: Object.fromEntries(named) };
}
