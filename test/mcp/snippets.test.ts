import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { servers } from '../support/engines.js';
import { makeTemporaryFolder, ROOT } from '../support/folders.js';
import { registerShop, type ShopTarget } from '../support/grants.js';
import { agentOf, type McpAgent } from '../support/mcp/agent.js';
import { filledIn, mcpSnippets, shellTexts, type Snippet } from '../support/mcp/snippets.js';
import { useSharedBroker } from '../support/shared-broker.js';

const broker = useSharedBroker();

const ADDRESS = 'https://doorwarden.example';
const TOKEN_FILE = '/var/run/secrets/doorwarden/token';
const SNIPPETS = mcpSnippets();

let shop: ShopTarget;
let home: string;
beforeAll(async () => {
  shop = await registerShop(broker(), servers().mariadb);
  home = makeTemporaryFolder();
  mkdirSync(join(home, 'bin'));
  symlinkSync(join(ROOT, 'doorwarden'), join(home, 'bin', 'doorwarden'));
  writeFileSync(join(home, 'token'), `${broker().keys.agent}\n`);
  chmodSync(join(home, 'token'), 0o600);
});
afterAll(async () => {
  await shop?.drop();
  await rm(home, { recursive: true, force: true });
});

/** The environment of a host: nothing of Doorwarden's but the program. */
const hostEnv = () => ({
  PATH: `${join(home, 'bin')}:/usr/bin:/bin`,
  HOME: home,
  XDG_CONFIG_HOME: join(home, 'config'),
});

/** A text of the documents, for the broker of the test. */
const here = (text: string) => text.replaceAll(ADDRESS, broker().api).replaceAll(TOKEN_FILE, join(home, 'token'));

/** Starts or reaches the server exactly as the snippet says. */
async function connect(snippet: Snippet): Promise<McpAgent> {
  const { server } = snippet;
  const values = Object.fromEntries(snippet.asks.map((name) => [name, broker().keys.agent]));
  const filled = (texts: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, here(filledIn(snippet, text, values))]));
  const client = new Client({ name: snippet.host, version: '1' }, { versionNegotiation: { mode: 'auto' } });
  if ('url' in server) {
    const requestInit = { headers: filled(server.headers) };
    await client.connect(new StreamableHTTPClientTransport(new URL(here(server.url)), { requestInit }));
  } else {
    const { command, args, env } = server;
    await client.connect(new StdioClientTransport({ command, args, env: { ...hostEnv(), ...filled(env) } }));
  }
  return agentOf(client);
}

it('the documents have a way over stdio and one over HTTP for each host', () => {
  const ways = SNIPPETS.map(({ host, server }) => `${host}: ${'url' in server ? 'HTTP' : 'stdio'}`);
  expect(ways.toSorted()).toEqual([
    'Claude Code: HTTP',
    'Claude Code: stdio',
    'Claude Code: stdio',
    'Claude Code: stdio',
    'Cursor: HTTP',
    'Cursor: stdio',
    'VS Code: HTTP',
    'VS Code: stdio',
  ]);
});

it('no file that may be committed has a key in it', () => {
  for (const { server, text } of SNIPPETS) {
    expect(text).not.toMatch(/dw_|dws_|eyJ/);
    const told =
      'url' in server ? Object.values(server.headers) : Object.entries(server.env).map((pair) => pair.join('='));
    for (const value of told) expect(value).toMatch(/^Bearer \$\{[^}]+\}$|^DOORWARDEN_(PROFILE|API|TOKEN_FILE)=/);
  }
});

it('a key goes into a profile as the documents say', () => {
  const line = shellTexts('Before you begin').find((text) => text.startsWith('doorwarden login')) ?? '';
  const [command = '', ...args] = here(line).split(' ');
  const { status, stderr } = spawnSync(command, args, {
    env: hostEnv(),
    input: `${broker().keys.agent}\n`,
    encoding: 'utf8',
  });
  expect(status, stderr).toBe(0);
});

it.each(SNIPPETS.map((snippet, index) => ({ ...snippet, name: `${snippet.host}, ${index + 1}` })))(
  'an agent does a task as the documents say: $name',
  async (snippet) => {
    const agent = await connect(snippet);
    try {
      const asked = { target: shop.name, task: { title: 'Count the orders' }, ttlSeconds: 300 };
      const { facts, text } = await agent.call('request_access', asked);
      expect(facts, text).toMatchObject({ state: 'active' });
      const { grant } = z.looseObject({ grant: z.string() }).parse(facts);
      const read = await agent.call('run_statement', { grant, sql: 'SELECT COUNT(*) FROM orders' });
      expect(read.facts, read.text).toMatchObject({ rows: [[3]] });
      expect((await agent.call('close_access', { grant })).isError).toBe(false);
    } finally {
      await agent.close();
    }
  },
);
