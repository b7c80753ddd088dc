import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { linkPerson } from '../src/apps/quickstart/slack/quickstart-slack.js';
import { type LocalSlack, startSlack } from '../src/apps/quickstart/slack/start-slack.js';
import { type ApiClient, connectApi } from '../src/client/api-client.js';
import { limitVariables } from '../src/config/limits.js';
import { approvalPage, approvalView } from '../src/contracts/approvals/approval.js';
import { grantOpenedView, grantView } from '../src/contracts/grants/grant.js';
import { newApiKeyView, principalView } from '../src/contracts/identity/principal.js';
import { targetView } from '../src/contracts/grants/target.js';
import { type Child, startChild, untilReady } from '../test/support/child.js';
import { makeDatabase } from '../test/support/databases.js';
import { LOCAL, logFolder, makeTemporaryFolder, ROOT } from '../test/support/folders.js';
import { freePort } from '../test/support/ports.js';
import type { VouchedBroker } from '../test/support/idp/vouched-callers.js';
import { startRedis } from '../test/support/servers/redis.js';
import { type BenchDatabase, DATABASE, type Login } from './servers.js';

const run = promisify(execFile);
const HOST = '127.0.0.1';
const APPS = join(ROOT, 'dist', 'apps');
const READY_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 60_000;
const SEAL_LIMIT_MS = 300_000;
const WAIT_SECONDS = 30;
const PORTS = '10000-13999'; // below what tests use and what Linux gives to outgoing connections
export const TARGET = 'bench';
const TTL_SECONDS = 3_600;
/** Somebody who decides and reads. */
const READER = 'bench-reader';
export const SLACK_CHANNEL = 'C0BENCH';
export const SLACK_PERSON = 'U0BENCH';
/** Links in messages begin with it; nobody follows them here. */
const HOST_URL = `http://${HOST}:8080`;

/** A grant whose connection the agent was given. */
export interface BenchGrant {
  readonly id: string;
  readonly login: Login;
}

/** The whole built broker with one registered target, as the rows use it. */
export interface BenchBroker {
  readonly gatewayPid: number;
  readonly redisVersion: string;
  /** Where the api answers, and what else a caller without a key is made of. */
  readonly vouched: VouchedBroker;
  /** What the agent signs in with that asks for the grants of the rows. */
  readonly agentKey: string;
  /** On the one database of most rows unless it is said. */
  openGrant(privileges?: readonly string[], database?: string): Promise<BenchGrant>;
  /** The question that waits under the grant, once its preview is there. */
  pendingApproval(grant: BenchGrant): Promise<string | undefined>;
  approve(id: string): Promise<void>;
  /** The local Slack, to which every question goes too; one account of it is linked to somebody who may decide. */
  readonly slack: LocalSlack;
  /** Waits until the recording is sealed: compressing it takes the processor that the next measurement wants. */
  closeGrant(grant: BenchGrant): Promise<void>;
  /** The sealed file of a closed grant. */
  downloadRecording(grant: BenchGrant): Promise<Buffer>;
  stop(): Promise<void>;
}

export async function startBroker(
  database: BenchDatabase,
  { profile }: { readonly profile: boolean },
): Promise<BenchBroker> {
  const [redis, state] = await Promise.all([startRedis(), makeDatabase(database.server)]);
  const folder = makeTemporaryFolder();
  const [recordings, keys] = [join(folder, 'recordings'), join(folder, 'keys')];
  await Promise.all([mkdir(recordings), mkdir(keys)]);
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    DATABASE_URL: state.url,
    REDIS_URL: redis.url,
    QUEUE_PREFIX: 'bench',
    RECORDINGS_DIR: recordings,
    KEYS_DIR: keys,
    GATEWAY_PORT_RANGE: PORTS,
    // One principal does here in a minute what it does elsewhere in a day.
    ...Object.fromEntries(Object.keys(limitVariables).map((name) => [name, '0'])),
  };
  await run(process.execPath, [join(APPS, 'migrate.js')], { env });
  const profileArgs = profile ? ['--cpu-prof', `--cpu-prof-dir=${join(LOCAL, 'bench-profile')}`] : [];
  const slack = await startSlack({
    channels: [{ id: SLACK_CHANNEL, name: 'bench' }],
    people: [{ id: SLACK_PERSON, name: 'Bench' }],
    links: [`http://${HOST}:`],
  });
  const withSlack = { ...env, ...environmentOf(slack) };
  const [api, gateway, worker] = await Promise.all([
    startApp('api', withSlack, 'API_PORT'),
    startApp('gateway', env, 'GATEWAY_HEALTH_PORT', profileArgs),
    startApp('worker', { ...withSlack, PUBLIC_URL: HOST_URL }, 'WORKER_HEALTH_PORT'),
  ]);
  const client = new Client(api.url, await firstKey(env));
  await client.register(database);
  await linkPerson(slack, { api: api.url, user: SLACK_PERSON, principal: READER }, await signInLink(env, api.url));
  return {
    gatewayPid: gateway.child.pid,
    slack,
    redisVersion: redis.version,
    vouched: {
      api: api.url,
      operatorKey: client.operatorKey,
      redisUrl: redis.url,
      stateUrl: state.url,
      prefix: env.QUEUE_PREFIX,
    },
    agentKey: client.agentKey,
    openGrant: (privileges, on) => client.openGrant(privileges, on),
    pendingApproval: (grant) => client.pendingApproval(grant),
    approve: (id) => client.approve(id),
    closeGrant: (grant) => client.closeGrant(grant),
    downloadRecording: (grant) => client.downloadRecording(grant),
    async stop() {
      await gateway.child.stop(STOP_LIMIT_MS);
      await Promise.all([api.child.stop(), worker.child.stop()]);
      await slack.close();
      await redis.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

type Environment = Readonly<Record<string, string>>;

async function startApp(
  name: string,
  env: Environment,
  portVariable: string,
  nodeArgs: readonly string[] = [],
): Promise<{ readonly child: Child; readonly url: string }> {
  const port = await freePort();
  const url = `http://${HOST}:${port}`;
  const child = startChild({
    command: process.execPath,
    args: ['--enable-source-maps', ...nodeArgs, join(APPS, `${name}.js`)],
    logFile: join(await logFolder('bench'), `${name}.log`),
    env: { ...env, [portVariable]: String(port) },
    cwd: ROOT,
  });
  await untilReady(child, READY_LIMIT_MS, async () => {
    const response = await fetch(`${url}/health/ready`);
    if (!response.ok) throw new Error(`${name} is not ready: ${response.status}`);
  });
  return { child, url };
}

function environmentOf({ apiUrl, botToken, signingSecret, teamId }: LocalSlack): Environment {
  return {
    SLACK_API_URL: apiUrl,
    SLACK_BOT_TOKEN: botToken,
    SLACK_SIGNING_SECRET: signingSecret,
    SLACK_TEAM_ID: teamId,
    SLACK_CHANNEL,
  };
}

const linkSchema = z.object({ link: z.string() });

async function signInLink(env: Environment, api: string): Promise<string> {
  const args = ['sign-in-link', '--principal', READER, '--api', api];
  const { stdout } = await run(process.execPath, [join(APPS, 'cli', 'main.js'), ...args], { env });
  return linkSchema.parse(JSON.parse(stdout)).link;
}

const keySchema = z.object({ key: z.string() });

async function firstKey(env: Environment): Promise<string> {
  const args = ['keys', 'create', '--principal', 'bench-operator', '--role', 'operator'];
  const { stdout } = await run(process.execPath, [join(APPS, 'cli', 'main.js'), ...args], { env });
  return keySchema.parse(JSON.parse(stdout)).key;
}

/** The HTTP API as an operator who may read recordings and decide, and as an agent. */
class Client {
  readonly #api: string;
  #operatorKey: string;
  #operator: ApiClient;
  #agent: ApiClient | undefined;
  #agentKey = '';

  constructor(api: string, operatorKey: string) {
    this.#api = api;
    this.#operatorKey = operatorKey;
    this.#operator = connectApi({ api, key: operatorKey });
  }

  /** Of somebody who may make principals, decide and read recordings. */
  get operatorKey(): string {
    return this.#operatorKey;
  }

  /** Empty before the target is registered. */
  get agentKey(): string {
    return this.#agentKey;
  }

  get #asAgent(): ApiClient {
    if (this.#agent === undefined) throw new Error('The target is not registered yet');
    return this.#agent;
  }

  async register({ server, login }: BenchDatabase): Promise<void> {
    this.#agentKey = await this.#newKey('bench-agent', 'agent', ['agent']);
    this.#agent = connectApi({ api: this.#api, key: this.#agentKey });
    this.#operatorKey = await this.#newKey(READER, 'user', ['operator', 'reviewer', 'approver']);
    this.#operator = connectApi({ api: this.#api, key: this.#operatorKey });
    const target = {
      name: TARGET,
      host: HOST,
      port: login.port,
      username: server.root.user,
      password: server.root.password,
      defaultDatabase: DATABASE,
    };
    await this.#operator.post('/v1/targets', target, targetView);
  }

  async openGrant(privileges: readonly string[] = ['SELECT'], on = DATABASE): Promise<BenchGrant> {
    const asked = {
      target: TARGET,
      task: { title: 'Benchmark' },
      access: [{ database: on, privileges }],
      ttlSeconds: TTL_SECONDS,
    };
    const { id, connection } = await this.#asAgent.post('/v1/grants', asked, grantOpenedView);
    if (connection === undefined) throw new Error(`The grant ${id} was not opened in time`);
    const { host, port, username, password } = connection;
    return { id, login: { host, port, user: username, password } };
  }

  async pendingApproval({ id: grant }: BenchGrant): Promise<string | undefined> {
    const [first] = (await this.#operator.get(`/v1/approvals?state=pending&grant=${grant}`, approvalPage)).items;
    if (first === undefined) return undefined;
    const { preview } = await this.#operator.get(`/v1/approvals/${first.id}`, approvalView);
    return preview.state === 'pending' ? undefined : first.id;
  }

  async approve(id: string): Promise<void> {
    await this.#operator.post(`/v1/approvals/${id}/decisions`, { decision: 'approve' }, approvalView);
  }

  async closeGrant({ id }: BenchGrant): Promise<void> {
    const deadlineMs = performance.now() + SEAL_LIMIT_MS;
    let grant = await this.#asAgent.post(`/v1/grants/${id}/close?wait=${WAIT_SECONDS}`, {}, grantView);
    while (grant.state !== 'sealed') {
      if (performance.now() > deadlineMs) throw new Error(`The recording of ${id} was not sealed in time`);
      grant = await this.#asAgent.get(`/v1/grants/${id}?wait=${WAIT_SECONDS}`, grantView);
    }
  }

  downloadRecording({ id }: BenchGrant): Promise<Buffer> {
    return this.#operator.download(`/v1/recordings/${id}/file`);
  }

  async #newKey(name: string, kind: string, roles: readonly string[]): Promise<string> {
    await this.#operator.post('/v1/principals', { name, kind, roles }, principalView);
    return (await this.#operator.post(`/v1/principals/${name}/keys`, {}, newApiKeyView)).key;
  }
}
