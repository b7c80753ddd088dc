import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { useBroker } from '../support/broker.js';
import { approveNext } from '../support/decide.js';
import { type EchoClient, connectEcho, hush } from '../support/echo/client.js';
import { ECHO_COMMAND_LINE, ECHO_PROGRAMS } from '../support/echo/programs.js';
import { BUILT_COMMAND_LINE, type CommandOptions, runCommandLine } from '../support/grant-command.js';
import { bodyOf, callAs, problemOf } from '../support/http.js';
import { agentOverHttp } from '../support/mcp/agent.js';
import { untilOver } from '../support/task.js';
import { ECHO_CONFORMER } from './conformers/echo.js';
import { type ConformanceGrant, newMark, useScene } from './scene.js';
import { CONFORMANCE_BROKER, conforms } from './suite.js';

const broker = useBroker({ ...CONFORMANCE_BROKER, programs: ECHO_PROGRAMS });

conforms(ECHO_CONFORMER, broker);

describe('a protocol that the core was not written for', () => {
  const scene = useScene(broker, ECHO_CONFORMER);

  test('is what the api says of its targets, its grants and their recordings', async () => {
    const grant = await scene().open();
    await grant.close();
    const { id, connection } = grant;
    const protocol = z.looseObject({ protocol: z.literal('echo') });
    expect(connection).toMatchObject({ protocol: 'echo', env: { ECHO_NAME: connection.username }, database: null });
    for (const path of [`/v1/targets/${scene().targetName}`, `/v1/grants/${id}`]) {
      bodyOf(await callAs(broker(), 'operator', { method: 'GET', path }), protocol);
    }
    bodyOf(await callAs(broker(), 'reviewer', { method: 'GET', path: `/v1/recordings/${id}` }), protocol);
  });

  test('has its own access and limits, and refusals that name the field', async () => {
    const ask = async (access: readonly object[]): Promise<string> => {
      const body = { target: scene().targetName, task: { title: 'A test' }, ttlSeconds: 60, access };
      return problemOf(await callAs(broker(), 'agent', { method: 'POST', path: '/v1/grants', body })).code;
    };
    expect(await ask([{ room: 'cellar', verbs: ['SAY'] }])).toBe('grant_privileges_over_limit');
    expect(await ask([{ database: 'app', privileges: ['SELECT'] }])).toBe('request_invalid');
  });

  test('is put to the policies in its own words, which operators can try', async () => {
    const tried = async (line: string): Promise<unknown> => {
      const body = { target: scene().targetName, line };
      const answer = await callAs(broker(), 'operator', { method: 'POST', path: '/v1/policies/try', body });
      return bodyOf(answer, z.looseObject({ verdict: z.string() }));
    };
    expect(await tried('SAY hall hello')).toMatchObject({ verdict: 'allow', policies: ['default-echo#says'] });
    expect(await tried('SHOUT hall HELLO')).toMatchObject({ verdict: 'hold', facts: { action: 'shout', loud: true } });
    expect(await tried('WIPE hall')).toMatchObject({ verdict: 'deny', why: 'Rooms are not wiped through the broker.' });
  });
});

describe('a protocol that `doorwarden exec` runs without a client', () => {
  const scene = useScene(broker, ECHO_CONFORMER);
  const ASKED = ['--access', '[{"room":"hall","verbs":["SAY","WIPE"]}]', '--ttl', '5m'];
  /** No text of SQL: a quote in it does not end. */
  const LINES = "SAY hall it's; one\n\nSAY hall two\n";

  /** By the command line that has the protocol in its list, or by the one that has not. */
  const exec = (text: string, options: CommandOptions = { program: ECHO_COMMAND_LINE }) =>
    runCommandLine(broker(), ['exec', scene().targetName, text, ...ASKED, '--format', 'json'], options);
  const grants = async (): Promise<readonly string[]> => {
    const path = `/v1/grants?target=${scene().targetName}`;
    const listed = z.object({ items: z.array(z.looseObject({ id: z.string() })) });
    return bodyOf(await callAs(broker(), 'operator', { method: 'GET', path }), listed).items.map(({ id }) => id);
  };
  const narrowKey = async (): Promise<string> => {
    const body = { scope: ['grant.request', 'grant.read', 'grant.close'] };
    const answer = await callAs(broker(), 'operator', { path: '/v1/principals/test-agent/keys', body });
    return bodyOf(answer, z.looseObject({ key: z.string() })).key;
  };
  const answered = (text: string) =>
    `${JSON.stringify({ columns: [{ name: 'answer', type: 'line' }], rows: [[text]] })}\n`;

  test('has its texts taken apart by itself, up to the operation that fails', async () => {
    const said = answered("SAID hall it's; one") + answered('SAID hall two');
    expect(await exec(LINES)).toMatchObject({ exitCode: 0, stdout: said });
    const denied = await exec('SAY hall one\nWIPE hall\nSAY hall two');
    expect(denied).toMatchObject({ exitCode: 1, stdout: answered('SAID hall one') });
    expect(denied.stderr).toMatch(/Line 2 of 3: NO statement_denied /);
  });

  test.each([
    ['a text that is none of its', 'SELECT 1', ECHO_COMMAND_LINE, /Nobody says "SELECT 1" to an echo\./],
    ['a text without an operation', ' \n', ECHO_COMMAND_LINE, /There is no line in it\./],
    [
      'a command line that does not know it',
      LINES,
      BUILT_COMMAND_LINE,
      /speaks echo, which this version of doorwarden does not know/,
    ],
  ])('is asked for nothing with %s', async (_, text, program, why) => {
    const before = await grants();
    const { exitCode, stderr } = await exec(text, { program });
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringMatching(why) });
    expect(await grants()).toEqual(before);
  });

  test('is known from the grant by a key that may not look at targets, and a text of another then runs nothing', async () => {
    const key = await narrowKey();
    expect(await exec(LINES, { program: ECHO_COMMAND_LINE, key })).toMatchObject({ exitCode: 0 });
    const before = await grants();
    const other = await exec('SELECT 1', { program: ECHO_COMMAND_LINE, key });
    expect(other).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringMatching(/Nobody says "SELECT 1"/) });
    const [made = '', ...more] = (await grants()).filter((id) => !before.includes(id));
    expect(more).toEqual([]);
    await untilOver(broker(), made);
    const types = (await scene().entries(made)).map(({ type }) => type);
    expect(types).toContain('grant.closed');
    expect(types).not.toContain('session.opened');
    const none = await exec("SELECT 'x", { program: ECHO_COMMAND_LINE, key });
    expect(none).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/The SQL cannot be taken apart/) });
    expect(await grants()).toEqual([made, ...before]);
  });
});

describe('a protocol that agents reach over MCP', () => {
  const scene = useScene(broker, ECHO_CONFORMER);

  test('is told of in its own words, beside those of databases', async () => {
    const agent = await agentOverHttp(broker().api, broker().keys.agent);
    try {
      expect(agent.instructions).toContain('access to a database or an echo server for one task');
      const described = Object.fromEntries((await agent.tools()).map(({ name, description }) => [name, description]));
      expect(described['list_targets']).toContain('(database servers and echo servers)');
      expect(described['run_statement']).toContain('Only for grants on databases.');
      const access = scene().target.access;
      const asked = await agent.call('request_access', { target: scene().targetName, task: { title: 'Say' }, access });
      const grant = String(asked.facts['grant']);
      const active = await agent.call('wait_for_access', { grant });
      expect(active.text).toMatch(/Call get_connection with grant "\w{26}", and close_access/);
      expect((await agent.call('describe', { grant })).facts).toMatchObject({ protocol: 'echo', access });
      const run = await agent.call('run_statement', { grant, sql: 'SELECT 1' });
      expect(run.facts['error']).toMatchObject({ code: 'protocol_unknown' });
      await agent.call('close_access', { grant });
    } finally {
      await agent.close();
    }
  });
});

describe('a protocol whose sessions do what those of databases do not', () => {
  const scene = useScene(broker, ECHO_CONFORMER);

  const withClients = async (
    count: number,
    use: (grant: ConformanceGrant, clients: readonly EchoClient[]) => Promise<void>,
  ): Promise<ConformanceGrant> => {
    const grant = await scene().open();
    const clients = await Promise.all(Array.from({ length: count }, () => connectEcho(grant.connection)));
    try {
      await use(grant, clients);
    } finally {
      await Promise.all(clients.map((client) => client.close()));
    }
    await grant.close();
    expect((await scene().verify(grant.id)).exitCode).toBe(0);
    return grant;
  };

  test('sends several operations before the first is answered, and has the answers in their order', async () => {
    const marks = Array.from({ length: 50 }, newMark);
    const grant = await withClients(1, async ({ id }, [client]) => {
      for (const mark of marks) scene().wire.expect({ grant: id, mark, bytes: `SAY hall ${mark}\n` });
      client?.send(...marks.map((mark) => `SAY hall ${mark}`), 'WIPE hall', 'SAY hall last');
      for (const mark of marks) expect(await client?.answer()).toBe(`SAID hall ${mark}`);
      expect(await client?.answer()).toMatch(/^NO statement_denied /);
      expect(await client?.answer()).toBe('SAID hall last');
    });
    expect(scene().wire.passed).toEqual(marks.map((mark) => ({ mark, wasRecorded: true })));
    const entries = await scene().entries(grant.id);
    const types = entries.map(({ type }) => type);
    expect(types.filter((type) => type === 'operation')).toHaveLength(52);
    expect(types.filter((type) => type === 'result')).toHaveLength(51);
    // Several were under way at a time.
    expect(types.join(' ')).toContain('operation operation');
  });

  test('is told what it never asked for, which is in the recording too', async () => {
    const mark = newMark();
    const grant = await withClients(2, async ({ id }, [speaker, listener]) => {
      speaker?.send(`SHOUT hall ${mark}`);
      await approveNext(broker(), id);
      expect(await speaker?.answer()).toBe(`SHOUTED hall ${mark}`);
      await expect.poll(() => listener?.heard).toEqual([`hall ${mark}`]);
    });
    // The command line knows no echo: it checks every byte and says what it could not look at.
    const { stdout } = await scene().verify(grant.id);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, bodiesUnchecked: 'echo' });
    const notes = (await scene().entries(grant.id)).filter(({ type }) => type === 'note');
    expect(notes).toMatchObject([{ name: 'HEARD', body: { line: `HEARD hall ${mark}` } }]);
  });

  test('is reached by a connection that is no session, with a key that only its client has', async () => {
    const mark = newMark();
    const grant = await withClients(1, async ({ id, connection }, [client]) => {
      const operation = `LINGER hall ${mark}`;
      scene().wire.expect({ grant: id, mark, bytes: `${operation}\n` });
      client?.send(operation);
      await approveNext(broker(), id);
      await expect.poll(() => scene().wire.count(mark)).toBe(1);
      expect(await hush(connection, 'somebody-elses')).toMatch(/^NO kill_unknown /);
      expect(await hush(connection, client?.key ?? '')).toBe('OK');
      expect(await client?.answer()).toBe('NO hushed');
    });
    const sessions = (await scene().entries(grant.id)).filter(({ type }) => type === 'session.opened');
    expect(sessions).toHaveLength(1);
  });
});
