import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, lstat, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, it, vi } from 'vitest';
import { MESSAGE_BYTES_MAX } from '../../src/mcp/limits.js';
import { approvalsOf, decide } from '../support/approvals.js';
import { servers } from '../support/engines.js';
import { ROOT } from '../support/folders.js';
import { call, registerShop, type ShopTarget } from '../support/grants.js';
import type { McpClientName, McpClientOptions, ToolResult } from '../support/mcp/agent.js';
import { agentOverStdio, mcpCommand, type StdioAgent } from '../support/mcp/stdio-agent.js';
import { startRawMcp } from '../support/mcp/stdio-messages.js';
import { useSharedBroker } from '../support/shared-broker.js';

const POLICIES = `
@id("short") permit (principal, action == Action::"requestGrant", resource) when { context.ttlSeconds <= 900 };
@id("long") @hold("10m") permit (principal, action == Action::"requestGrant", resource) when { context.approved };
@id("reads") permit (principal, action in [Action::"read", Action::"session"], resource);
`;
const PROGRAM = join(ROOT, 'dist/apps/cli/main.js');
const POLL = { timeout: 30_000, interval: 100 };
const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
};

const broker = useSharedBroker(POLICIES);
let shop: ShopTarget;
let folder: string;
beforeAll(async () => {
  shop = await registerShop(broker(), servers().mariadb);
});
afterAll(async () => shop?.drop());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doorwarden-mcp-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** What somebody does with a page that their host shows. */
type PageAction = 'accept' | 'decline' | 'cancel';

interface HostOptions extends McpClientOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
}

async function withHost<T>(
  { env: own, args, ...options }: HostOptions,
  use: (host: StdioAgent) => Promise<T>,
): Promise<T> {
  const { api, keys } = broker();
  const env = { DOORWARDEN_API: api, ...(own ?? { DOORWARDEN_API_KEY: keys.agent }) };
  const host = await agentOverStdio(mcpCommand(env, args), { ...options, folder });
  try {
    return await use(host);
  } finally {
    await host.close();
  }
}

const errorOf = ({ isError, facts }: ToolResult) => ({ isError, ...Object(facts['error']) });

function ask(host: StdioAgent, ttlSeconds: number, task = 'Count the orders'): Promise<ToolResult> {
  return host.call('request_access', { target: shop.name, task: { title: task }, ttlSeconds });
}

async function opened(host: StdioAgent): Promise<string> {
  const { facts, text: said } = await ask(host, 600);
  expect(facts['state'], said).toBe('active');
  return String(facts['grant']);
}

describe('a credential', () => {
  const opensNothing = async (host: StdioAgent, names: readonly string[]): Promise<void> => {
    for (const name of names) {
      expect(errorOf(await host.call(name, {})), name).toMatchObject({ isError: true, code: 'mcp_agents_only' });
    }
    await expect(host.resources()).rejects.toThrow();
  };

  it('of a person opens nothing', async () => {
    await withHost({ env: { DOORWARDEN_API_KEY: broker().keys.approver } }, async (host) => {
      const names = (await host.tools()).map(({ name }) => name);
      expect(names).toContain('close_access');
      await opensNothing(host, names);
    });
  });

  it('that is wrong is told of, and a file with one is read again at each call: no role of people opens anything', async () => {
    const file = join(folder, 'token');
    await writeFile(file, `dw_aaaaaaaa_${'A'.repeat(43)}\n`);
    await withHost({ env: { DOORWARDEN_TOKEN_FILE: file } }, async (host) => {
      expect(errorOf(await host.call('list_targets'))).toMatchObject({ isError: true, code: 'unauthenticated' });
      await writeFile(file, `${broker().keys.agent}\n`);
      expect(await host.call('list_targets')).toMatchObject({ isError: false });
      for (const role of ['approver', 'reviewer', 'operator'] as const) {
        await writeFile(file, `${broker().keys[role]}\n`);
        await opensNothing(host, ['list_targets', 'close_access']);
      }
    });
  });

  it('that is good for grants alone asks and waits, and is not told whom for', async () => {
    const { operator } = broker().keys;
    const scope = ['me.read', 'target.list', 'grant.request', 'grant.read', 'grant.close'];
    const path = '/v1/principals/test-agent/keys';
    const { body } = await call<{ key: string }>(broker(), 'POST', path, { key: operator, body: { scope } });
    await withHost({ env: { DOORWARDEN_API_KEY: body.key } }, async (host) => {
      const waiting = ask(host, 1_200, 'With a small key');
      const id = await requestedGrant('With a small key');
      const [question] = await approvalsOf(broker(), id, 'pending');
      const seen = await host.call('wait_for_access', { grant: id, seconds: 1 });
      expect(seen.facts).toMatchObject({ state: 'requested', waitsFor: { approval: question?.id, groups: null } });
      await decide(broker(), question?.id ?? '', { decision: 'approve' });
      expect((await waiting).facts).toMatchObject({ grant: id, state: 'active' });
      await host.call('close_access', { grant: id });
    });
  });

  it('that is missing ends the server at once, in words and with nothing on standard output', async () => {
    const child = spawn(process.execPath, [PROGRAM, 'mcp'], { env: { HOME: folder, DOORWARDEN_API: broker().api } });
    const [out, said, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    expect([out, code]).toEqual(['', 1]);
    expect(said).toContain('DOORWARDEN_API_KEY');
  });
});

describe('the broker', () => {
  it('that is not there is told of in words', async () => {
    await withHost({ env: { DOORWARDEN_API: 'http://127.0.0.1:1', DOORWARDEN_API_KEY: 'x' } }, async (host) => {
      expect(errorOf(await host.call('list_targets'))).toMatchObject({
        isError: true,
        code: null,
        message: expect.stringContaining('cannot be reached'),
        next: expect.stringContaining('DOORWARDEN_API'),
      });
    });
  });

  it('is restarted while a call waits, and the call goes on', async () => {
    await withHost({}, async (host) => {
      const waiting = ask(host, 1_200, 'Through a restart');
      const id = await requestedGrant('Through a restart');
      await broker().restart('api');
      const [question] = await approvalsOf(broker(), id, 'pending');
      await decide(broker(), question?.id ?? '', { decision: 'approve' });
      expect((await waiting).facts).toMatchObject({ grant: id, state: 'active' });
      await host.call('close_access', { grant: id });
    });
  });
});

/** The grant of this task, once people are asked about it. */
function requestedGrant(title: string): Promise<string> {
  const { agent: key } = broker().keys;
  return vi.waitFor(async () => {
    const { body } = await call<{ items: { id: string; task: { title: string } }[] }>(
      broker(),
      'GET',
      '/v1/grants?state=requested',
      { key },
    );
    const found = body.items.find(({ task }) => task.title === title);
    if (found === undefined) throw new Error('Nobody is asked yet');
    return found.id;
  }, POLL);
}

describe('two servers of one agent', () => {
  it('that share a folder share the connection that one of them was shown, also after a restart', async () => {
    const grant = await withHost({}, async (host) => {
      const own = await opened(host);
      const run = () => host.call('run_statement', { grant: own, sql: 'SELECT COUNT(*) FROM orders' });
      const both = await Promise.all([run(), run()]);
      for (const { facts } of both) expect(facts['rows']).toEqual([[3]]);
      return own;
    });
    await withHost({}, async (host) => {
      const { facts } = await host.call('run_statement', { grant, sql: 'SELECT 1' });
      expect(facts['rows']).toEqual([[1]]);
      await host.call('close_access', { grant });
    });
  });
});

describe('the folder of connections', () => {
  const home = () => join(folder, 'doorwarden');
  const refusedWith = async (message: string) =>
    withHost({}, async (host) => {
      const grant = await opened(host);
      const answer = await host.call('get_connection', { grant });
      expect(errorOf(answer)).toMatchObject({ isError: true, message: expect.stringContaining(message) });
      expect(JSON.stringify(answer)).not.toMatch(/password/i);
      // What was shown is not lost: the agent may have it in its context.
      const { facts } = await host.call('get_connection', { grant, as: 'env' });
      expect(facts['env']).toMatchObject({ MYSQL_HOST: '127.0.0.1', MYSQL_PWD: expect.any(String) });
      await host.call('close_access', { grant });
    });

  it('is not written where others can look', async () => {
    await mkdir(home());
    await chmod(home(), 0o755);
    await refusedWith('Others can look into');
  });

  it('is not written through a link', async () => {
    await mkdir(join(folder, 'elsewhere'), { mode: 0o700 });
    await symlink(join(folder, 'elsewhere'), home());
    await refusedWith('is no folder');
  });

  it('has no file that somebody else put there, and none is written through a link', async () => {
    await withHost({}, async (host) => {
      const grant = await opened(host);
      const own = join(home(), 'grants', grant);
      await mkdir(own, { recursive: true, mode: 0o700 });
      const victim = join(folder, 'victim');
      await writeFile(victim, 'mine');
      for (const name of ['connection.json', 'my.cnf', 'doorwarden-ca.pem']) await symlink(victim, join(own, name));
      const { facts } = await host.call('get_connection', { grant });
      for (const path of Object.values(Object(facts['files']) as Record<string, string>)) {
        const { mode } = await lstat(path);
        expect([mode & 0o777, (await lstat(path)).isFile()], path).toEqual([0o600, true]);
      }
      expect(await readFile(victim, 'utf8')).toBe('mine');
      await host.call('close_access', { grant });
      expect(await readFile(victim, 'utf8')).toBe('mine');
    });
  });
});

describe('a host', () => {
  it.each<[McpClientName, readonly PageAction[]]>([
    ['2025-11-25', ['accept', 'cancel']],
    ['2026-07-28', ['accept', 'decline']],
  ])('of %s that can show pages is given that of the approval, and %j changes nothing', async (client, actions) => {
    const shown: string[] = [];
    let action: PageAction = 'accept';
    const showPage = (url: string) => {
      shown.push(url);
      return action;
    };
    await withHost({ client, showPage }, async (host) => {
      for (action of actions) {
        shown.length = 0;
        const title = `Shown to ${client}, ${action}`;
        const waiting = ask(host, 1_200, title);
        const id = await requestedGrant(title);
        const [question] = await approvalsOf(broker(), id, 'pending');
        await vi.waitFor(() => expect(shown).toEqual([`${broker().api}/approvals/${question?.id}`]), POLL);
        const { body } = await call(broker(), 'GET', `/v1/grants/${id}`, { key: broker().keys.agent });
        expect(body['state']).toBe('requested');
        await decide(broker(), question?.id ?? '', { decision: 'approve' });
        expect((await waiting).facts).toMatchObject({ grant: id, state: 'active' });
        expect(shown).toHaveLength(1);
        await host.call('close_access', { grant: id });
      }
    });
  });

  it('that wants no rows in its context leaves the tools for statements out', async () => {
    await withHost({ args: ['--no-statements'] }, async (host) => {
      const names = (await host.tools()).map(({ name }) => name);
      expect(names).toContain('get_connection');
      expect(names.filter((name) => name.includes('statement'))).toEqual([]);
      await expect(host.call('run_statement', { grant: 'x', sql: 'SELECT 1' })).rejects.toThrow('not found');
    });
  });

  it('that sends rubbish is answered where it can be, and what it sends next is served', async () => {
    const { child, said } = rawServer();
    child.stdin.write('no json\n{"jsonrpc":"2.0"}\n[]\n\u0000\n');
    child.stdin.write(`${JSON.stringify(INITIALIZE)}\n`);
    await vi.waitFor(() => expect(said()).toContain('"serverInfo"'), POLL);
    for (const line of said().trim().split('\n')) expect(JSON.parse(line)).toMatchObject({ jsonrpc: '2.0' });
    child.stdin.end();
    expect(await once(child, 'close')).toEqual([0, null]);
  });

  it('that goes away in the middle of a wait ends the server, and the question stays', async () => {
    const { child, said } = rawServer();
    const send = (message: object) => child.stdin.write(`${JSON.stringify(message)}\n`);
    send(INITIALIZE);
    send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    await vi.waitFor(() => expect(said()).toContain('"serverInfo"'), POLL);
    const args = { target: shop.name, task: { title: 'Left alone' }, ttlSeconds: 1_200 };
    send({ jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'request_access', arguments: args } });
    const id = await requestedGrant('Left alone');
    child.stdin.end();
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(await approvalsOf(broker(), id, 'pending')).toHaveLength(1);
    await call(broker(), 'POST', `/v1/grants/${id}/close`, { key: broker().keys.agent });
  });

  it('that sends a message without an end is not listened to any longer', async () => {
    const { child } = rawServer();
    child.stdin.on('error', () => undefined); // it is closed in the middle
    child.stdin.write('{"jsonrpc":"2.0","filler":"');
    for (let sent = 0; sent <= MESSAGE_BYTES_MAX; sent += 65_536) child.stdin.write('x'.repeat(65_536));
    const [code] = await once(child, 'close');
    expect(code).toBe(0);
  });
});

/** A server whose standard streams the test speaks to itself. */
function rawServer() {
  const { api, keys } = broker();
  return startRawMcp({ HOME: folder, DOORWARDEN_API: api, DOORWARDEN_API_KEY: keys.agent });
}
