import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ROOT } from '../folders.js';

/** A server as a host's file describes it; nothing that the host does not know is in it. */
const stdioServer = z.strictObject({
  type: z.literal('stdio').optional(),
  command: z.string(),
  args: z.array(z.string()),
  env: z.record(z.string(), z.string()).default({}),
});
const httpServer = z.strictObject({
  type: z.literal('http').optional(),
  url: z.url(),
  headers: z.record(z.string(), z.string()),
});
export type SnippetServer = z.infer<typeof stdioServer> | z.infer<typeof httpServer>;

const one = z.strictObject({ doorwarden: z.union([stdioServer, httpServer]) });
const usualFile = z.strictObject({ mcpServers: one });
const codeFile = z.strictObject({
  inputs: z
    .array(
      z.strictObject({
        type: z.literal('promptString'),
        id: z.string(),
        description: z.string(),
        password: z.literal(true),
      }),
    )
    .default([]),
  servers: one,
});

/** A way to connect that docs/mcp.md shows, as the host of its section reads it. */
export interface Snippet {
  readonly host: string;
  readonly text: string;
  readonly server: SnippetServer;
  /** Variables of the environment that the host puts in, and what it asks its user for. */
  readonly asks: readonly string[];
}

/** How each host names a value that is not in its file. */
const VALUES: Readonly<Record<string, RegExp>> = {
  'Claude Code': /\$\{(\w+)\}/g,
  Cursor: /\$\{env:(\w+)\}/g,
  'VS Code': /\$\{input:([\w-]+)\}/g,
};

/** What docs/mcp.md has for the hosts. @throws for a text that its host would not take */
export function mcpSnippets(): readonly Snippet[] {
  return Object.keys(VALUES).flatMap((host) => {
    const section = sectionOf(host);
    const files = [...section.matchAll(/^```json\n([^`]*)^```$/gm)].map(([, text = '']) => fileSnippet(host, text));
    const lines = [...section.matchAll(/^claude mcp add .*$/gm)].map(([line]) => lineSnippet(host, line));
    return [...files, ...lines];
  });
}

/** What the section has for a shell, block by block. */
export function shellTexts(section: string): readonly string[] {
  return [...sectionOf(section).matchAll(/^ *```sh\n([^`]*)^ *```$/gm)].map(([, text = '']) => text.trim());
}

function sectionOf(title: string): string {
  const text = readFileSync(join(ROOT, 'docs/mcp.md'), 'utf8');
  const sections = text.split(/^## /m).filter((section) => section.startsWith(`${title}\n`));
  if (sections.length !== 1) throw new Error(`docs/mcp.md has ${sections.length} sections ${title}`);
  return sections.join('');
}

function fileSnippet(host: string, text: string): Snippet {
  const json: unknown = JSON.parse(text);
  if (host !== 'VS Code') return snippetOf(host, text, usualFile.parse(json).mcpServers.doorwarden);
  const { inputs, servers } = codeFile.parse(json);
  const snippet = snippetOf(host, text, servers.doorwarden);
  if (servers.doorwarden.type === undefined) throw new Error('VS Code wants to know the type of a server');
  const unknown = snippet.asks.filter((name) => !inputs.some(({ id }) => id === name));
  if (unknown.length > 0) throw new Error(`VS Code is not told what ${unknown.join(', ')} is`);
  return snippet;
}

/** `claude mcp add [--env NAME=VALUE]… [--scope SCOPE] NAME -- COMMAND ARGUMENT…`; `--env` takes all words up to the next option. */
function lineSnippet(host: string, line: string): Snippet {
  const [own = '', run = ''] = line.split(' -- ');
  if (/ --env [^-][^ ]* (?!-)/.test(own))
    throw new Error('The name is taken for a variable: another option must follow --env');
  const [command = '', ...args] = run.split(' ');
  const env = Object.fromEntries([...own.matchAll(/ --env (\w+)=(\S+)/g)].map(([, name, value]) => [name, value]));
  return snippetOf(host, line, stdioServer.parse({ command, args, env }));
}

function snippetOf(host: string, text: string, server: SnippetServer): Snippet {
  const values = VALUES[host] ?? /$^/g;
  return { host, text, server, asks: [...text.matchAll(values)].map(([, name = '']) => name) };
}

/** A text of a snippet with the values that the host puts in. */
export function filledIn({ host }: Snippet, text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(VALUES[host] ?? /$^/g, (_, name: string) => values[name] ?? '');
}
