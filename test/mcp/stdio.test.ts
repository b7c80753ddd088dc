import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { approvalsOf, decide, seeHeld } from '../support/approvals.js';
import { servers } from '../support/engines.js';
import { call, openGrant, registerShop, type ShopTarget } from '../support/grants.js';
import { MCP_CLIENTS, type McpClientOptions, type ToolResult } from '../support/mcp/agent.js';
import { agentOverStdio, mcpCommand, type StdioAgent } from '../support/mcp/stdio-agent.js';
import { runProgram } from '../support/clients/program.js';
import { useSharedBroker } from '../support/shared-broker.js';

/**
 * Short requests at once, long ones when a person approves; reads run, updates wait, deletes are denied. For one length of
 * a grant, and for inserts, people have a second.
 */
const POLICIES = `
@id("short") permit (principal, action == Action::"requestGrant", resource) when { context.ttlSeconds <= 900 };
@id("long") @hold("10m")
permit (principal, action == Action::"requestGrant", resource) when { context.ttlSeconds != 1300 && context.approved };
@id("hasty") @hold("1s")
permit (principal, action == Action::"requestGrant", resource) when { context.ttlSeconds == 1300 && context.approved };
@id("unlucky") @why("Thirteen brings bad luck.")
forbid (principal, action == Action::"requestGrant", resource) when { context.ttlSeconds == 13 };
@id("reads") permit (principal, action in [Action::"read", Action::"session"], resource);
@id("updates") @hold("10m") permit (principal, action == Action::"update", resource) when { context.approved };
@id("inserts") @hold("1s") permit (principal, action == Action::"insert", resource) when { context.approved };
`;
const SHORT = 600;
const LONG = 1_200;
const HASTY = 1_300;
const NOBODYS = '01m7ytqm8g9xt6m7ken4f6b9rz';
const POLL = { timeout: 30_000, interval: 100 };

const broker = useSharedBroker(POLICIES);
let shop: ShopTarget;
beforeAll(async () => {
  shop = await registerShop(broker(), servers().mariadb);
});
afterAll(async () => shop?.drop());

function host(options: McpClientOptions = {}): Promise<StdioAgent> {
  const { api, keys } = broker();
  return agentOverStdio(mcpCommand({ DOORWARDEN_API: api, DOORWARDEN_API_KEY: keys.agent }), options);
}

async function withHost<T>(use: (host: StdioAgent) => Promise<T>, options: McpClientOptions = {}): Promise<T> {
  const started = await host(options);
  try {
    return await use(started);
  } finally {
    await started.close();
  }
}

async function asked(started: StdioAgent, ttlSeconds = SHORT, access?: readonly object[]): Promise<ToolResult> {
  const task = { title: 'Count the orders', reference: 'OPS-1' };
  return started.call('request_access', { target: shop.name, task, ttlSeconds, ...(access ? { access } : {}) });
}

/** The id of a new grant that is active. */
async function opened(started: StdioAgent): Promise<string> {
  const rules = [{ database: shop.database, privileges: ['SELECT', 'UPDATE', 'DELETE'] }];
  const { facts, text } = await asked(started, SHORT, rules);
  expect(facts['state'], text).toBe('active');
  return String(facts['grant']);
}

/** For tests that need no host of their own: starting one costs more than most of them do with it. */
let ownHost: StdioAgent | undefined;
beforeAll(async () => {
  ownHost = await host();
});
afterAll(async () => ownHost?.close());

function agent(): StdioAgent {
  if (ownHost === undefined) throw new Error('The host is there inside of tests and hooks only');
  return ownHost;
}

const errorOf = ({ isError, facts }: ToolResult) => ({ isError, ...(Object(facts['error']) as object) });

describe.each(MCP_CLIENTS)('a host of %s', (client) => {
  it('does a task from the list of targets to the sealed recording', async () => {
    await withHost(
      async (agent) => {
        expect(agent.revision).toBe(client === '2026-07-28' ? '2026-07-28' : '2025-11-25');
        expect(agent.instructions).toContain('Ask once for each task');
        const listed = await agent.call('list_targets');
        const target = { name: shop.name, protocol: 'mysql', defaultDatabase: shop.database };
        expect(listed.facts['targets']).toEqual(expect.arrayContaining([expect.objectContaining(target)]));
        expect(JSON.stringify(listed)).not.toContain(String(servers().mariadb.port));

        const grant = await opened(agent);
        expect(await agent.resources()).toEqual(
          expect.arrayContaining([expect.objectContaining({ uri: `doorwarden://grants/${grant}` })]),
        );
        expect(JSON.parse(await agent.read(`doorwarden://grants/${grant}`))).toMatchObject({
          id: grant,
          state: 'active',
        });

        const described = await agent.call('describe', { grant, table: 'orders' });
        expect(described.facts['tables']).toMatchObject([
          {
            database: shop.database,
            name: 'orders',
            kind: 'table',
            columns: [{ name: 'id', key: 'PRI' }, { name: 'total' }],
          },
        ]);
        const { facts } = await agent.call('run_statement', {
          grant,
          sql: 'SELECT id, total FROM orders WHERE id < ?',
          values: [3],
        });
        expect(facts).toMatchObject({
          columns: [{ name: 'id' }, { name: 'total' }],
          rows: [
            [1, 10],
            [2, 20],
          ],
          hasMore: false,
        });

        const written = await agent.call('get_connection', { grant });
        const { programs, password } = await connectionKept(agent, grant);
        expect(JSON.stringify(written)).not.toContain(password);
        expect(Object.keys(Object(written.facts['commands']) as object).toSorted()).toEqual(programs);
        const counted = await runProgram('sh', [
          '-c',
          `${commandOf(written, 'mariadb')} -N -e 'SELECT COUNT(*) FROM orders'`,
        ]);
        expect([counted.stdout.trim(), counted.stderr]).toEqual(['3', '']);

        const closed = await agent.call('close_access', { grant });
        expect(closed.facts).toMatchObject({ state: 'sealed', closeReason: 'completed', recording: grant });
        expect(await readdir(join(agent.home, 'grants'))).toEqual([]);
        expect(errorOf(await agent.call('run_statement', { grant, sql: 'SELECT 1' }))).toMatchObject({
          isError: true,
          code: 'grant_not_active',
          step: 'new-grant',
        });
        expect(agent.told()).toBe('');
      },
      { client },
    );
  });

  it('waits for people, is told whom, and goes on when they have approved', async () => {
    await withHost(
      async (agent) => {
        const told: string[] = [];
        const task = { title: 'A long one' };
        const over = new AbortController();
        const args = {
          target: shop.name,
          task,
          ttlSeconds: LONG,
          idempotencyKey: `asked-by-${client.replaceAll(' ', '-')}`,
        };
        const lost = agent.call('request_access', args, { signal: over.signal, onProgress: (text) => told.push(text) });
        lost.catch(() => undefined);
        await vi.waitFor(() => expect(told[0]).toContain('Waits for a person who may approve'), POLL);
        over.abort(); // the host gives the call up; the question stays
        await expect(lost).rejects.toThrow();

        const [again, beside] = await Promise.all([agent.call('request_access', args), approvedGrant()]);
        const { grant } = again.facts;
        expect(again.facts).toMatchObject({ grant: beside, state: 'active' });
        const waited = await agent.call('wait_for_access', { grant, seconds: 1 });
        expect(waited.facts).toMatchObject({ grant, state: 'active', waitsFor: null });
        await agent.call('close_access', { grant });
      },
      { client },
    );
  });
});

/** Approves the one request for a grant that waits, and gives its grant. */
async function approvedGrant(): Promise<string> {
  const { agent } = broker().keys;
  const waiting = await vi.waitFor(async () => {
    const path = '/v1/grants?state=requested&limit=5';
    const { body } = await call<{ items: { id: string; target: string }[] }>(broker(), 'GET', path, { key: agent });
    const [found] = body.items.filter(({ target }) => target === shop.name);
    if (found === undefined) throw new Error('Nothing waits');
    return found.id;
  }, POLL);
  const [question] = await approvalsOf(broker(), waiting, 'pending');
  await decide(broker(), question?.id ?? '', { decision: 'approve' });
  return waiting;
}

async function connectionKept(agent: StdioAgent, grant: string) {
  const folder = join(agent.home, 'grants', grant);
  const modes = await Promise.all([agent.home, folder].map(async (path) => (await lstat(path)).mode & 0o777));
  expect(modes).toEqual([0o700, 0o700]);
  for (const name of await readdir(folder)) expect((await lstat(join(folder, name))).mode & 0o777, name).toBe(0o600);
  const kept = JSON.parse(await readFile(join(folder, 'connection.json'), 'utf8')) as {
    password: string;
    programs: { name: string }[];
  };
  return { password: kept.password, programs: kept.programs.map(({ name }) => name).toSorted() };
}

function commandOf({ facts }: ToolResult, name: string): string {
  return String((facts['commands'] as Record<string, string>)[name]);
}

describe('a statement', () => {
  it('that people must approve is pending, is approved, and runs when it is sent again', async () => {
    const grant = await onHoldGrant(agent());
    const sql = 'UPDATE orders SET total = 11 WHERE id = 1';
    const pending = await agent().call('run_statement', { grant, sql });
    const approval = String(pending.facts['approval']);
    expect(pending).toMatchObject({ isError: false, facts: { pending: true, waitsFor: { approval, quorum: 1 } } });
    expect(pending.text).toContain(`/approvals/${approval}`);
    const still = await agent().call('wait_for_statement', { grant, approval, seconds: 1 });
    expect(still.facts).toMatchObject({ state: 'pending', waitsFor: { approval } });
    const waiting = agent().call('wait_for_statement', { grant, approval });
    await approve(grant);
    expect((await waiting).facts).toMatchObject({ state: 'approved' });
    expect((await agent().call('run_statement', { grant, sql })).facts).toMatchObject({ affectedRows: '1' });
    await agent().call('close_access', { grant });
  });

  it('that is approved while the call waits simply runs', async () => {
    const grant = await opened(agent());
    const sql = 'UPDATE orders SET total = ? WHERE id = ?';
    const [ran] = await Promise.all([agent().call('run_statement', { grant, sql, values: [12, 1] }), approve(grant)]);
    expect(ran.facts).toMatchObject({ affectedRows: '1' });
    await agent().call('close_access', { grant });
  });

  it('that is denied says the reason, and so does sending it again', async () => {
    const grant = await onHoldGrant(agent());
    const sql = 'UPDATE orders SET total = 0';
    const { facts } = await agent().call('run_statement', { grant, sql });
    const { id } = await seeHeld(broker(), grant);
    await decide(broker(), id, { decision: 'deny', reason: 'Name the rows' });
    const denied = await agent().call('wait_for_statement', { grant, approval: facts['approval'] });
    expect(denied.facts).toMatchObject({
      state: 'denied',
      reason: 'Name the rows',
      code: 'statement_denied_by_approver',
    });
    expect(errorOf(await agent().call('run_statement', { grant, sql }))).toMatchObject({
      isError: true,
      code: 'statement_denied_by_approver',
      step: 'stop',
      message: expect.stringContaining('Name the rows'),
    });
    await agent().call('close_access', { grant });
  });

  it('that cannot run is refused in words, and one that is too large for a model is cut and says so', async () => {
    const grant = await opened(agent());
    const run = (sql: string) => agent().call('run_statement', { grant, sql });
    expect(errorOf(await run('SELECT 1; SELECT 2'))).toMatchObject({ isError: true, code: 'statements_over_one' });
    expect(errorOf(await run('DELETE FROM orders'))).toMatchObject({
      isError: true,
      code: 'statement_denied',
      step: 'stop',
    });
    expect(errorOf(await run('SELECT nothing_here FROM orders'))).toMatchObject({
      isError: true,
      code: 'ER_BAD_FIELD_ERROR',
    });
    const many = 'SELECT a.id AS a, b.id AS b FROM orders a, orders b, orders c, orders d, orders e, orders f';
    expect((await run(many)).facts).toMatchObject({ rowCount: 200, hasMore: true });
    const { facts } = await run(
      "SELECT REPEAT('x', 600) AS x, 12345678901234567890 AS big, 1.10 AS exact, X'00FF' AS bytes, NULL AS none, 7 AS n",
    );
    expect(facts['rows']).toEqual([['x'.repeat(500), '12345678901234567890', '1.10', { base64: 'AP8=' }, null, 7]]);
    expect(facts['cutCells']).toEqual([{ row: 0, column: 0, characters: 600 }]);
    await agent().call('close_access', { grant });
  });

  it('of a grant whose connection somebody else was shown is refused', async () => {
    const { id: grant } = await openGrant(broker(), shop.name);
    expect(errorOf(await agent().call('run_statement', { grant, sql: 'SELECT 1' }))).toMatchObject({
      isError: true,
      code: 'connection_already_fetched',
    });
    await agent().call('close_access', { grant });
  });
});

/** A grant of the agent's whose statements do not wait, and whose connection nobody has fetched. */
async function onHoldGrant(agent: StdioAgent): Promise<string> {
  const access = [{ database: shop.database, privileges: ['SELECT', 'UPDATE'] }];
  const body = { target: shop.name, task: { title: 'Change' }, ttlSeconds: SHORT, onHold: 'error', access };
  const { agent: key } = broker().keys;
  const made = await call<{ id: string }>(broker(), 'POST', '/v1/grants?connection=later', { key, body });
  expect((await agent.call('wait_for_access', { grant: made.body.id })).facts['state']).toBe('active');
  return made.body.id;
}

async function approve(grant: string): Promise<void> {
  const { id } = await seeHeld(broker(), grant);
  await decide(broker(), id, { decision: 'approve', scope: { kind: 'once', rowsMax: null } });
}

describe('people who do not answer', () => {
  it('leave a request for access refused: of the call that asks, and of one that waits', async () => {
    const unanswered = { isError: true, code: 'grant_approval_timed_out', step: 'tell' };
    const refused = await asked(agent(), HASTY);
    expect(errorOf(refused)).toMatchObject(unanswered);
    expect(refused.facts).toMatchObject({ state: 'refused', next: expect.stringContaining('ask an approver') });
    const body = { target: shop.name, task: { title: 'Unanswered' }, ttlSeconds: HASTY };
    const path = '/v1/grants?connection=later';
    const made = await call<{ id: string }>(broker(), 'POST', path, { key: broker().keys.agent, body });
    const waited = await agent().call('wait_for_access', { grant: made.body.id });
    expect(errorOf(waited)).toMatchObject(unanswered);
    expect(waited.facts).toMatchObject({ grant: made.body.id, state: 'refused' });
  });

  it('leave a statement that did not run: of the call that waits in it, and of one that waits for the decision', async () => {
    const access = [{ database: shop.database, privileges: ['SELECT', 'INSERT'] }];
    const { facts: active } = await asked(agent(), SHORT, access);
    const sql = 'INSERT INTO orders (id, total) VALUES (17, 17)';
    const { grant } = active;
    const ran = await agent().call('run_statement', { grant, sql });
    expect(errorOf(ran)).toMatchObject({ isError: true, code: 'approval_timed_out', step: 'tell' });
    expect(ran.text).toContain('Ask an approver to look');
    const [question] = await approvalsOf(broker(), String(grant));
    const waited = await agent().call('wait_for_statement', { grant, approval: question?.id });
    expect(waited.facts).toMatchObject({ state: 'timed-out', code: 'approval_timed_out' });
    const left = await agent().call('run_statement', { grant, sql: 'SELECT COUNT(*) FROM orders WHERE id = 17' });
    expect(left.facts['rows']).toEqual([[0]]);
    await agent().call('close_access', { grant });
  });
});

describe('a call that makes no sense', () => {
  it.each<[string, string, Readonly<Record<string, unknown>>, string]>([
    ['an argument that does not exist', 'list_targets', { principal: 'ann' }, 'request_invalid'],
    ['an id that is none', 'wait_for_access', { grant: '../../etc/passwd' }, 'request_invalid'],
    ['a grant that is not there', 'get_connection', { grant: NOBODYS }, 'grant_not_found'],
    ['a wait over the limit', 'wait_for_access', { grant: NOBODYS, seconds: 46 }, 'request_invalid'],
    ['a target that is not there', 'request_access', { target: 'nowhere', task: { title: 'x' } }, 'target_not_found'],
    [
      'a task with a control character',
      'request_access',
      { target: 'a', task: { title: '\u0007' } },
      'request_invalid',
    ],
    ['a code that is none', 'explain_refusal', { code: 'nonsense' }, 'request_invalid'],
    ['an approval of another grant', 'wait_for_statement', { grant: NOBODYS, approval: NOBODYS }, 'approval_not_found'],
  ])('%s is a typed error', async (_, tool, args, code) => {
    const answer = await agent().call(tool, args);
    expect(errorOf(answer)).toMatchObject({ isError: true, code });
    expect(answer.text).toContain(`(${code})`);
  });

  it('a request that the policy denies says why', async () => {
    const error = { code: 'grant_request_denied', message: expect.stringContaining('Thirteen') };
    expect(errorOf(await asked(agent(), 13))).toMatchObject({ isError: true, ...error });
    const explained = await agent().call('explain_refusal', { code: 'grant_request_denied' });
    expect(explained.facts).toMatchObject({ code: 'grant_request_denied', httpStatus: 403, agent: { step: 'stop' } });
  });
});
