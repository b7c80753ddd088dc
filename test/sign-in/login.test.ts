import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { meView, sessionList } from '../../src/contracts/sign-in/session.js';
import { callApi } from '../../src/client/api-call.js';
import { type ClientOutcome, runProgram } from '../support/clients/program.js';
import { COMPILED, ROOT } from '../support/folders.js';
import { modernRequest, PING, postMcp } from '../support/mcp/http-messages.js';
import { agentOverStdio, mcpCommand } from '../support/mcp/stdio-agent.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { callWith, signIn } from '../support/sign-in.js';

/** `doorwarden login` and what goes with it, as processes; the page is pressed by its calls. */

const CLI = join(ROOT, 'dist', 'apps', 'cli', 'main.js');
const broker = useSharedBroker();
let home: string;
let cookie: string;

beforeAll(async () => {
  cookie = await signIn(broker(), 'test-approver');
});
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'login-'));
});
afterEach(() => rm(home, { recursive: true }));
const started: { kill: () => void }[] = [];
afterAll(() => started.forEach(({ kill }) => kill()));

type Variables = Readonly<Record<string, string>>;
const variablesOf = (env: Variables): Variables => ({ ...COMPILED, XDG_CONFIG_HOME: home, BROWSER: 'none', ...env });
const path = () => join(home, 'doorwarden', 'profiles.json');

function cli(args: readonly string[], env: Variables = {}, input = ''): Promise<ClientOutcome> {
  return runProgram(process.execPath, [CLI, ...args], { env: variablesOf(env), input, cwd: home });
}

/** A login that waits, with the code that it shows. */
async function beginLogin(args: readonly string[], env: Variables = {}) {
  const child = spawn(process.execPath, [CLI, 'login', ...args], {
    env: { PATH: process.env['PATH'], HOME: home, ...variablesOf(env) },
    cwd: home,
  });
  started.push({ kill: () => child.kill('SIGKILL') });
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  child.stdin.end();
  const code = await vi.waitFor(
    () => {
      const found = /type this code: {2}([A-Z]{4}-[A-Z]{4})/.exec(said.stderr)?.[1];
      if (found === undefined) throw new Error(`No code yet: ${said.stderr}`);
      return found;
    },
    { timeout: 45_000, interval: 50 },
  );
  return { code, said, ended, interrupt: () => child.kill('SIGINT') };
}

/** What a terminal shows of a command of which the question is answered by typing. */
async function typeAt(words: string, question: string, key: string) {
  const child = spawn(
    'script',
    ['--quiet', '--return', '--command', `'${process.execPath}' '${CLI}' ${words}`, '/dev/null'],
    {
      env: { PATH: process.env['PATH'], HOME: home, TERM: 'dumb', ...variablesOf({}) },
      cwd: home,
    },
  );
  started.push({ kill: () => child.kill('SIGKILL') });
  let screen = '';
  const asked = new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      screen += text;
      if (screen.includes(question)) resolve();
    });
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  await asked;
  child.stdin.write(`${key}\r`);
  await ended;
  return { key, screen };
}

const decide = (code: string, decision: 'allow' | 'refuse') =>
  callWith(broker().api, cookie, `/v1/me/devices/${code}`, { method: 'POST', body: { decision } });

async function login(args: readonly string[] = [], env: Variables = {}) {
  const begun = await beginLogin(['--api', broker().api, ...args], env);
  expect((await decide(begun.code, 'allow')).status).toBe(204);
  expect([await begun.ended, begun.said.stderr]).toEqual([0, expect.stringContaining(`${broker().api}/device`)]);
  return begun.said;
}

const withKey = (args: readonly string[], key = broker().keys.agent) =>
  cli(['login', '--with-key', '--api', broker().api, ...args], {}, `${key}\n`);

async function credentialIn(profile: string): Promise<string> {
  return JSON.parse(await readFile(path(), 'utf8')).profiles[profile].credential;
}

describe('doorwarden login', () => {
  it('is let in with a browser, keeps that for this user alone, and commands take it', async () => {
    const { stdout } = await login();
    expect(stdout).toMatch(
      /^You are test-approver \(approver\) at http.*, until .*Z at the latest\.\nCommands take the profile default/,
    );
    expect([(await stat(path())).mode & 0o777, (await stat(join(home, 'doorwarden'))).mode & 0o777]).toEqual([
      0o600, 0o700,
    ]);
    const listed = await cli(['approvals', 'list', '--json', '--target', 'nobody-asks-for']);
    expect([listed.exitCode, JSON.parse(listed.stdout)]).toEqual([0, { items: [], next: null }]);
    const who = await cli(['whoami']);
    expect(who.stdout).toMatch(
      /^broker +http:[\s\S]*^profile +default$[\s\S]*^name +test-approver$[\s\S]*^roles +approver$/m,
    );
    expect(who.stdout).toMatch(/^signed in by +doorwarden login/m);
    const me = meView.parse(JSON.parse((await cli(['whoami', '--json'])).stdout));
    expect(me.signIn.by).toBe('device');
    const { items } = sessionList.parse((await callWith(broker().api, cookie, '/v1/me/sessions')).body);
    const own = items.find(({ id }) => id === me.signIn.session);
    expect(own?.device).toMatchObject({
      client: expect.stringMatching(/^doorwarden\//),
      machine: expect.stringContaining('@'),
    });
  });

  it('opens the page with the code where there is a browser', async () => {
    const opener = join(home, 'browser.sh');
    await writeFile(opener, '#!/bin/sh\necho "$#" "$1" >"$(dirname "$0")/opened.txt"\n', { mode: 0o755 });
    const begun = await beginLogin(['--api', broker().api], { BROWSER: opener });
    const opened = await vi.waitFor(
      () => readFile(join(home, 'opened.txt'), 'utf8').then((text) => text || Promise.reject(new Error('empty'))),
      { timeout: 30_000, interval: 50 },
    );
    expect(opened).toBe(`1 ${broker().api}/device?code=${begun.code}\n`);
    await decide(begun.code, 'refuse');
    expect(await begun.ended).toBe(1);
    const quiet = await beginLogin(['--api', broker().api, '--no-browser'], { BROWSER: opener });
    expect(quiet.said.stderr).toMatch(/^Open http/);
    quiet.interrupt();
    await quiet.ended;
  });

  it('keeps nothing when it is refused or stopped', async () => {
    const refused = await beginLogin(['--api', broker().api]);
    await decide(refused.code, 'refuse');
    expect(await refused.ended).toBe(1);
    expect(refused.said.stderr).toMatch(
      /doorwarden login: Somebody has refused this command line\..*\(access_denied\)\n$/,
    );
    const stopped = await beginLogin(['--api', broker().api]);
    stopped.interrupt();
    expect(await stopped.ended).not.toBe(0);
    await expect(stat(path())).rejects.toThrow('ENOENT');
    expect(refused.said.stdout + stopped.said.stdout).toBe('');
  });

  it('takes an API key from standard input, of an agent too, and shows it nowhere', async () => {
    const outcome = await withKey(['--profile', 'agent', '--json']);
    expect(JSON.parse(outcome.stdout)).toEqual({
      profile: 'agent',
      current: true,
      api: broker().api,
      principal: 'test-agent',
      roles: ['agent'],
      endsAt: null,
    });
    const wrong = await withKey(['--profile', 'agent'], `dw_abcdefgh_${'A'.repeat(43)}`);
    expect(wrong).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('(unauthenticated)') });
    expect(await credentialIn('agent')).toBe(broker().keys.agent);
    const listed = await cli(['profiles', '--json']);
    expect(outcome.stdout + outcome.stderr + wrong.stderr + listed.stdout).not.toContain(broker().keys.agent);
    expect(await cli(['login', '--with-key', '--api', broker().api])).toMatchObject({ exitCode: 2 });
  });

  it('asks for an API key at a terminal, and does not show it there', async () => {
    const { key, screen } = await typeAt(`login --with-key --api ${broker().api}`, 'API key: ', broker().keys.agent);
    expect(screen).toContain('You are test-agent (agent)');
    expect(screen).not.toContain(key.slice(12));
    expect(await credentialIn('default')).toBe(key);
    const stopped = await typeAt(`login --with-key --api ${broker().api}`, 'API key: ', '\u0003');
    expect(stopped.screen).toContain('doorwarden login: Nothing was done.');
  });

  it('does not go where a file of the folder says', async () => {
    await writeFile(join(home, '.env'), `DOORWARDEN_API=${broker().api}\n`);
    const outcome = await cli(['login', '--with-key'], {}, broker().keys.agent);
    expect(outcome).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('comes from the file .env here') });
    const byEnvironment = await cli(['login', '--with-key'], { DOORWARDEN_API: broker().api }, broker().keys.agent);
    expect(byEnvironment.exitCode).toBe(0);
  });

  it('says so where no broker answers, or an address is none', async () => {
    const [dead, wrong] = await Promise.all([
      cli(['login', '--api', 'http://127.0.0.1:2']),
      cli(['login', '--api', 'ftp://x']),
    ]);
    expect(dead).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('cannot be reached: ECONNREFUSED') });
    expect(wrong).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('must begin with http:// or https://'),
    });
  });
});

describe('profiles', () => {
  it('are several; one is current, and another one is named', async () => {
    await login();
    const agent = await withKey(['--profile', 'agent']);
    expect(agent.stdout).toContain('Use it with --profile agent');
    const listed = await cli(['profiles', 'list']);
    expect(listed.stdout).toMatch(/^\* +default +http\S+ +test-approver +session$/m);
    expect(listed.stdout).toMatch(/^- +agent +http\S+ +test-agent +API key$/m);
    const name = async (args: readonly string[], env: Variables = {}) =>
      meView.parse(JSON.parse((await cli(['whoami', '--json', ...args], env)).stdout)).principal.name;
    const asked = [name([]), name(['--profile', 'agent']), name([], { DOORWARDEN_PROFILE: 'agent' })];
    expect(await Promise.all(asked)).toEqual(['test-approver', 'test-agent', 'test-agent']);
    expect((await cli(['profiles', 'use', 'agent'])).exitCode).toBe(0);
    const environment = { DOORWARDEN_API: broker().api, DOORWARDEN_API_KEY: broker().keys.reviewer };
    const then = [name([]), name([], environment), name(['--profile', 'default'], environment)];
    expect(await Promise.all(then)).toEqual(['test-agent', 'test-reviewer', 'test-approver']);
    expect(await cli(['profiles', 'use', 'nobody'])).toMatchObject({ exitCode: 2, stdout: '' });
  });

  it('that others can read are refused by every command, and nothing is sent', async () => {
    await withKey([]);
    await chmod(path(), 0o644);
    const commands = [['whoami'], ['logout'], ['profiles'], ['approvals', 'list'], ['login', '--with-key']];
    for (const outcome of await Promise.all(commands.map((words) => cli(words)))) {
      expect(outcome).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('chmod 600') });
    }
  });
});

describe('a session that somebody signed in to with doorwarden login', () => {
  it('opens nothing where agents are served: over HTTP, and by a profile over stdio', async () => {
    await login();
    const key = await credentialIn('default');
    expect(key).toMatch(/^dws_/);
    const call = modernRequest('tools/call', { name: 'list_targets', arguments: {} });
    for (const message of [{ message: PING }, call]) {
      const { status, body, headers } = await postMcp(broker().api, { key, ...message });
      expect([status, body]).toMatchObject([403, { code: 'mcp_agents_only' }]);
      expect(headers.get('www-authenticate')).toContain('error="insufficient_scope"');
    }
    const host = await agentOverStdio(mcpCommand(variablesOf({})), { folder: home });
    try {
      for (const tool of ['list_targets', 'request_access', 'close_access']) {
        const { isError, facts } = await host.call(tool, {});
        expect([isError, facts['error']], tool).toMatchObject([true, { code: 'mcp_agents_only', step: 'credential' }]);
      }
    } finally {
      await host.close();
    }
  });
});

describe('doorwarden logout', () => {
  it('ends the session at the broker and forgets the profile; so does signing in again with the session before', async () => {
    await login();
    const before = await credentialIn('default');
    await login(['--profile', 'default']);
    expect((await callApi(broker().api, '/v1/me', { key: before })).status).toBe(401);
    const token = await credentialIn('default');
    const outcome = await cli(['logout']);
    expect(outcome).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('has ended, and the profile is forgotten'),
    });
    expect((await callApi(broker().api, '/v1/me', { key: token })).status).toBe(401);
    expect(await readFile(path(), 'utf8')).not.toContain(token);
    expect(await cli(['whoami', '--api', broker().api])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('doorwarden login --api'),
    });
    expect(await cli(['logout'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('not signed in anywhere'),
    });
  });

  it('forgets all of them, says that keys go on working, and that a broker did not answer', async () => {
    await withKey(['--profile', 'agent']);
    const text = JSON.parse(await readFile(path(), 'utf8'));
    text.profiles.away = {
      api: 'http://127.0.0.1:2',
      credential: `dws_${'A'.repeat(43)}`,
      kind: 'session',
      principal: 'x',
    };
    text.profiles.over = { ...text.profiles.away, api: broker().api };
    await writeFile(path(), JSON.stringify(text));
    const outcome = await cli(['logout', '--all']);
    expect(outcome.exitCode).toBe(1);
    expect(outcome.stdout).toMatch(/^agent: .*goes on working/m);
    expect(outcome.stdout).toMatch(/^away: .*ends by itself.*ECONNREFUSED/m);
    expect(outcome.stdout).toMatch(/^over: .*has ended/m);
    expect(JSON.parse(await readFile(path(), 'utf8'))).toEqual({ version: 1, current: null, profiles: {} });
    expect((await callApi(broker().api, '/v1/me', { key: broker().keys.agent })).status).toBe(200);
  });
});
