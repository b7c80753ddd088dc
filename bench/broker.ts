import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { type Child, startChild, untilReady } from '../test/support/child.js';
import { makeDatabase } from '../test/support/databases.js';
import { LOCAL, logFolder, makeTemporaryFolder, ROOT } from '../test/support/folders.js';
import { freePort } from '../test/support/ports.js';
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
const TARGET = 'bench';
const TTL_SECONDS = 3_600;

/** A grant whose connection the agent was given. */
export interface BenchGrant {
  readonly id: string;
  readonly login: Login;
}

/** The whole built broker with one registered target, as the rows use it. */
export interface BenchBroker {
  readonly gatewayPid: number;
  readonly redisVersion: string;
  openGrant(privileges?: readonly string[]): Promise<BenchGrant>;
  /** The question that waits under the grant, once its preview is there. */
  pendingApproval(grant: BenchGrant): Promise<string | undefined>;
  approve(id: string): Promise<void>;
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
  };
  await run(process.execPath, [join(APPS, 'migrate.js')], { env });
  const profileArgs = profile ? ['--cpu-prof', `--cpu-prof-dir=${join(LOCAL, 'bench-profile')}`] : [];
  const [api, gateway, worker] = await Promise.all([
    startApp('api', env, 'API_PORT'),
    startApp('gateway', env, 'GATEWAY_HEALTH_PORT', profileArgs),
    startApp('worker', env, 'WORKER_HEALTH_PORT'),
  ]);
  const client = new Client(api.url, await firstKey(env));
  await client.register(database);
  return {
    gatewayPid: gateway.child.pid,
    redisVersion: redis.version,
    openGrant: (privileges) => client.openGrant(privileges),
    pendingApproval: (grant) => client.pendingApproval(grant),
    approve: async (id) => {
      await client.operator('POST', `/v1/approvals/${id}/decisions`, { decision: 'approve' });
    },
    closeGrant: (grant) => client.closeGrant(grant),
    downloadRecording: async (grant) => {
      const response = await client.operator('GET', `/v1/recordings/${grant.id}/file`);
      return Buffer.from(await response.arrayBuffer());
    },
    async stop() {
      await gateway.child.stop(STOP_LIMIT_MS);
      await Promise.all([api.child.stop(), worker.child.stop()]);
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

const keySchema = z.object({ key: z.string() });

async function firstKey(env: Environment): Promise<string> {
  const args = ['keys', 'create', '--principal', 'bench-operator', '--role', 'operator'];
  const { stdout } = await run(process.execPath, [join(APPS, 'cli', 'main.js'), ...args], { env });
  return keySchema.parse(JSON.parse(stdout)).key;
}

const grantSchema = z.object({
  id: z.string(),
  connection: z.object({ host: z.string(), port: z.number(), username: z.string(), password: z.string() }),
});

const stateSchema = z.object({ state: z.string() });

const pageSchema = z.object({ items: z.array(z.object({ id: z.string() })) });
const approvalSchema = z.object({ preview: z.object({ state: z.string() }) });

/** The HTTP API with the keys of an operator who may read recordings and decide, and of an agent. */
class Client {
  readonly #api: string;
  #operatorKey: string;
  #agentKey = '';

  constructor(api: string, operatorKey: string) {
    this.#api = api;
    this.#operatorKey = operatorKey;
  }

  async register({ server, login }: BenchDatabase): Promise<void> {
    this.#agentKey = await this.#makeKey('bench-agent', 'agent', ['agent']);
    this.#operatorKey = await this.#makeKey('bench-reader', 'user', ['operator', 'reviewer', 'approver']);
    await this.operator('POST', '/v1/targets', {
      name: TARGET,
      host: HOST,
      port: login.port,
      username: server.root.user,
      password: server.root.password,
      defaultDatabase: DATABASE,
    });
  }

  async openGrant(privileges: readonly string[] = ['SELECT']): Promise<BenchGrant> {
    const response = await this.agent('POST', '/v1/grants', {
      target: TARGET,
      task: { title: 'Benchmark' },
      access: [{ database: DATABASE, privileges }],
      ttlSeconds: TTL_SECONDS,
    });
    const { id, connection } = grantSchema.parse(await response.json());
    const { host, port, username, password } = connection;
    return { id, login: { host, port, user: username, password } };
  }

  async pendingApproval({ id: grant }: BenchGrant): Promise<string | undefined> {
    const listed = await this.operator('GET', `/v1/approvals?state=pending&grant=${grant}`);
    const [first] = pageSchema.parse(await listed.json()).items;
    if (first === undefined) return undefined;
    const shown = await this.operator('GET', `/v1/approvals/${first.id}`);
    return approvalSchema.parse(await shown.json()).preview.state === 'pending' ? undefined : first.id;
  }

  async closeGrant({ id }: BenchGrant): Promise<void> {
    const deadlineMs = performance.now() + SEAL_LIMIT_MS;
    let answer = await this.agent('POST', `/v1/grants/${id}/close?wait=${WAIT_SECONDS}`);
    while (stateSchema.parse(await answer.json()).state !== 'sealed') {
      if (performance.now() > deadlineMs) throw new Error(`The recording of ${id} was not sealed in time`);
      answer = await this.agent('GET', `/v1/grants/${id}?wait=${WAIT_SECONDS}`);
    }
  }

  operator(method: string, path: string, body?: unknown): Promise<Response> {
    return this.#call(this.#operatorKey, method, path, body);
  }

  agent(method: string, path: string, body?: unknown): Promise<Response> {
    return this.#call(this.#agentKey, method, path, body);
  }

  async #makeKey(name: string, kind: string, roles: readonly string[]): Promise<string> {
    await this.operator('POST', '/v1/principals', { name, kind, roles });
    const response = await this.operator('POST', `/v1/principals/${name}/keys`, {});
    return keySchema.parse(await response.json()).key;
  }

  async #call(key: string, method: string, path: string, body: unknown): Promise<Response> {
    const response = await fetch(`${this.#api}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  }
}
