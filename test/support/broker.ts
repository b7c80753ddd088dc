import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { z } from 'zod';
import { PROTOCOLS } from '../../src/apps/protocols.js';
import type { NamedPolicyText } from '../../src/policy/policy-parse.js';
import { vocabulariesOf } from '../../src/protocol/target-protocol.js';
import { type Child, startChild, tailOf, untilReady } from './child.js';
import { makeDatabase } from './databases.js';
import { servers } from './engines.js';
import { COMPILED, ROOT, logFolder, makeTemporaryFolder } from './folders.js';
import { ALLOW_EVERYTHING } from './policies.js';
import { freePortBlock } from './ports.js';
import { type Keys, prepareState } from './state.js';

const READY_LIMIT_MS = 30_000;
const ATTEMPT_LIMIT_MS = 2_000;
const HOST = '127.0.0.1';
const APPS = join(ROOT, 'dist', 'apps');
/**
 * A broker of a test lives for seconds. V8 takes a seventh of them to make better code of functions that are called some
 * hundred times, and a third of a second around the start of a gateway for WebAssembly that judges a few statements: it begins
 * later with both, seven times and 40 times as late as a rule. And it does not look for what is alive in less than 128 MB, which
 * it would do while a process starts.
 */
export const V8_OPTIONS = [
  '--invocation-count-for-maglev=3000',
  '--invocation-count-for-turbofan=20000',
  '--wasm-tiering-budget=500000000',
  '--initial-heap-size=128',
];
/**
 * For a broker whose tests are over. A gateway holds on to grants until they are ended at their target, and many a test
 * leaves one open on a target that is gone.
 */
const STOP_LIMIT_MS = 3_000;

const BUILT_PROGRAMS: BrokerPrograms = {
  arguments: (name) => [join(APPS, `${name}.js`)],
  defaults: vocabulariesOf(PROTOCOLS).map(({ defaults }) => defaults),
};

/** The first gateway is `gateway`, further ones are `gateway-2`, `gateway-3` and so on; the same with apis. */
export type ProcessName = 'api' | `api-${number}` | 'worker' | 'gateway' | `gateway-${number}`;

/** What the processes run, where that is not the broker as it was built. */
export interface BrokerPrograms {
  /** What Node.js is given to run one of them. */
  readonly arguments: (name: 'api' | 'worker' | 'gateway') => readonly string[];
  /** The default policies of their protocols. */
  readonly defaults: readonly NamedPolicyText[];
}

export interface BrokerOptions {
  readonly apis?: number;
  readonly gateways?: number;
  readonly programs?: BrokerPrograms;
  /** In force from the start; `default` are those that every new broker has, and without it everything is allowed. */
  readonly policies?: string;
  /** Added to the environment of every process, or in place of what it would be. */
  readonly env?: Readonly<Record<string, string>>;
  /** The same for single processes, made when the broker's own environment is known: a proxy before its database, say. */
  readonly envOf?: (env: Readonly<Record<string, string>>) => Promise<ProcessEnvironments>;
}

const PROGRAMS = ['api', 'worker', 'gateway'] as const;

export type ProcessEnvironments = Readonly<Partial<Record<ProcessName, Readonly<Record<string, string>>>>>;

/** The built broker, running on the shared servers with a state database, Redis prefix and folders of its own. */
export interface Broker {
  /** `http://127.0.0.1:port`, the same after a restart. */
  readonly api: string;
  /** Whether other files get it after this one. */
  readonly isShared: boolean;
  readonly keys: Keys;
  readonly stateDatabaseUrl: string;
  readonly recordingsFolder: string;
  readonly keysFolder: string;
  /** The environment that every process shares, for command line programs. */
  readonly env: Readonly<Record<string, string>>;
  /** The running process's pid, for what acts on a process from outside. */
  pid(name: ProcessName): number;
  /** Where the process answers for its health and metrics. */
  url(name: ProcessName): string;
  /** Waits until the process has ended by itself, and gives its exit code. */
  ended(name: ProcessName): Promise<number | null>;
  /** Sends a signal that ends the process, and waits until it is gone. */
  kill(name: ProcessName, signal?: NodeJS.Signals): Promise<void>;
  /** Starts the process again, after ending it in order if it runs, and waits until it is ready. */
  restart(name: ProcessName): Promise<void>;
  /** Ends all processes, at first in order, and deletes all that the broker had. */
  stop(): Promise<void>;
  /** All that the process has logged. */
  logs(name: ProcessName): string;
}

/**
 * Gives the tests of a file or `describe` one broker: started before them, stopped after them, and the end of its
 * logs printed when one of them fails. The function that comes back gives the broker, inside of tests and hooks.
 */
export function useBroker(options?: BrokerOptions): () => Broker {
  let broker: StartedBroker | undefined;
  beforeAll(async () => {
    broker = await startBroker(options);
  });
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') broker?.printLogs();
  });
  afterAll(async () => broker?.stop());
  return () => {
    if (!broker) throw new Error('The broker is there inside of tests and hooks only');
    return broker;
  };
}

/** What startBroker gives: the one who asked for it stops it. */
export interface StartedBroker extends Broker {
  /** Prints the end of its logs. */
  printLogs(): void;
  /** As `restart`; from then on the process has this in place of what was asked for it alone when the broker started. */
  restartWith(name: ProcessName, env: Readonly<Record<string, string>>): Promise<void>;
}

/** Starts the built broker; `useBroker` is this for the tests of a file. */
export async function startBroker({
  apis = 1,
  gateways = 1,
  programs = BUILT_PROGRAMS,
  policies = ALLOW_EVERYTHING,
  env: extra = {},
  envOf,
}: BrokerOptions = {}): Promise<StartedBroker> {
  const { mariadb, redis } = servers();
  const stateDatabase = await makeDatabase(mariadb);
  const folder = makeTemporaryFolder();
  const recordingsFolder = join(folder, 'recordings');
  const keysFolder = join(folder, 'keys');
  await Promise.all([mkdir(recordingsFolder), mkdir(keysFolder)]);
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    DATABASE_URL: stateDatabase.url,
    REDIS_URL: redis.url,
    QUEUE_PREFIX: `test-${randomBytes(6).toString('hex')}`,
    RECORDINGS_DIR: recordingsFolder,
    KEYS_DIR: keysFolder,
    LOG_LEVEL: 'debug',
    // A test that ends its broker does not wait for the grants that it left open.
    DRAIN_SECONDS: '0',
    // One principal does in seconds here what it does in an hour elsewhere; test/api/limits.test.ts has the limits.
    LIMIT_GRANTS_PER_MINUTE: '0',
    LIMIT_DECISIONS_PER_MINUTE: '0',
    LIMIT_TRIES_PER_MINUTE: '0',
    LIMIT_MCP_PER_MINUTE: '0',
    ...COMPILED,
    ...extra,
  };
  const keys = await prepareState(env.DATABASE_URL, policies, programs.defaults);
  const single = (await envOf?.(env)) ?? {};
  const processes = await startProcesses({
    env,
    single,
    apis,
    gateways,
    programs,
    logs: await logFolder(basename(folder)),
  });
  const stopAll = async (): Promise<void> => {
    await Promise.all([...processes.values()].map((app) => app.stop(STOP_LIMIT_MS)));
    await Promise.all([stateDatabase.drop(), rm(folder, { recursive: true, force: true })]);
  };
  const find = (name: ProcessName): AppProcess => {
    const app = processes.get(name);
    if (!app) throw new Error(`There is no process ${name}`);
    return app;
  };
  return {
    api: find('api').url(),
    isShared: false,
    keys,
    stateDatabaseUrl: stateDatabase.url,
    recordingsFolder,
    keysFolder,
    env,
    pid: (name) => find(name).pid,
    url: (name) => find(name).url(),
    ended: (name) => find(name).ended(),
    kill: (name, signal = 'SIGKILL') => find(name).end(signal),
    restart: (name) => find(name).restart(),
    stop: stopAll,
    logs: (name) => find(name).logs(),
    restartWith: (name, own) => find(name).restartWith({ ...env, ...own }),
    printLogs() {
      for (const [name, app] of processes) process.stderr.write(`--- ${name}\n${tailOf(app.logs())}\n`);
    },
  };
}

type Environment = Readonly<Record<string, string>>;

async function startProcesses({
  env,
  single,
  apis,
  gateways,
  programs,
  logs,
}: {
  readonly env: Environment;
  readonly single: ProcessEnvironments;
  readonly apis: number;
  readonly gateways: number;
  readonly programs: BrokerPrograms;
  readonly logs: string;
}): Promise<ReadonlyMap<ProcessName, AppProcess>> {
  const of = (name: ProcessName): Environment => ({ ...env, ...single[name] });
  const appProcess = (name: ProcessName, portVariable: string, own: Environment): AppProcess =>
    new AppProcess({ name, own, env: of(name), portVariable, programs, logs });
  const processes = new Map<ProcessName, AppProcess>([['worker', appProcess('worker', 'WORKER_HEALTH_PORT', {})]]);
  for (let number = 1; number <= apis; number += 1) {
    const name: ProcessName = number === 1 ? 'api' : `api-${number}`;
    processes.set(name, appProcess(name, 'API_PORT', { API_HOST: HOST }));
  }
  for (let number = 1; number <= gateways; number += 1) {
    const name: ProcessName = number === 1 ? 'gateway' : `gateway-${number}`;
    const { first, last } = await freePortBlock();
    const own = {
      GATEWAY_NAME: name,
      GATEWAY_LISTEN_HOST: HOST,
      GATEWAY_PUBLIC_HOST: HOST,
      GATEWAY_PORT_RANGE: `${first}-${last}`,
    };
    processes.set(name, appProcess(name, 'GATEWAY_HEALTH_PORT', own));
  }
  const results = await Promise.allSettled([...processes.values()].map((app) => app.start()));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) {
    await Promise.all([...processes.values()].map((app) => app.stop()));
    throw failed.reason;
  }
  return processes;
}

const listeningSchema = z.object({ msg: z.literal('listening'), port: z.number().int().positive() });

interface AppOptions {
  readonly name: ProcessName;
  /** What no other process has, such as the ports that it may listen on; `env` may say otherwise. */
  readonly own: Environment;
  readonly env: Environment;
  readonly portVariable: string;
  readonly programs: BrokerPrograms;
  readonly logs: string;
}

/** One process of the broker, which can be ended and started again. */
class AppProcess {
  readonly #options: AppOptions;
  readonly #logFile: string;
  #env: Environment;
  #child: Child | undefined;
  #port = 0;

  constructor(options: AppOptions) {
    this.#options = options;
    this.#env = options.env;
    this.#logFile = join(options.logs, `${options.name}.log`);
  }

  /** Starts the process and waits for its `GET /health/ready`. From the second time on its port stays the same. */
  async start(): Promise<void> {
    const { name, own, portVariable, programs } = this.#options;
    const [kind] = PROGRAMS.filter((program) => name.startsWith(program));
    if (kind === undefined) throw new Error(`There is no program for ${name}`);
    const child = startChild({
      command: process.execPath,
      // Where its inspector listens, should a test ask for it: any free port.
      args: [...V8_OPTIONS, '--inspect-port=127.0.0.1:0', ...programs.arguments(kind)],
      logFile: this.#logFile,
      env: { ...own, ...this.#env, [portVariable]: String(this.#port) },
      cwd: ROOT,
    });
    this.#child = child;
    await untilReady(child, READY_LIMIT_MS, async () => {
      this.#port ||= listeningPort(child.log());
      const response = await fetch(`${this.url()}/health/ready`, { signal: AbortSignal.timeout(ATTEMPT_LIMIT_MS) });
      if (!response.ok) throw new Error(`${name} is not ready: ${response.status} ${await response.text()}`);
    });
  }

  get pid(): number {
    if (!this.#child || this.#child.hasExited) throw new Error(`${this.#options.name} does not run`);
    return this.#child.pid;
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    this.#child?.signal(signal);
    await this.#child?.exited();
  }

  async ended(): Promise<number | null> {
    await this.#child?.exited();
    return this.#child?.exitCode ?? null;
  }

  async stop(limitMs?: number): Promise<void> {
    if (this.#child && !this.#child.hasExited) await this.#child.stop(limitMs);
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async restartWith(env: Environment): Promise<void> {
    this.#env = env;
    await this.restart();
  }

  url(): string {
    return `http://${HOST}:${this.#port}`;
  }

  logs(): string {
    return this.#child?.log() ?? '';
  }
}

/** The port in the JSON line that a process prints once it listens. */
function listeningPort(log: string): number {
  for (const line of log.split('\n')) {
    if (!line.includes('"listening"')) continue;
    const parsed = listeningSchema.safeParse(JSON.parse(line));
    if (parsed.success) return parsed.data.port;
  }
  throw new Error('not listening yet');
}
