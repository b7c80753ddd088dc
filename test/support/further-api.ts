import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { type Broker, V8_OPTIONS } from './broker.js';
import { type Child, startChild, tailOf } from './child.js';
import { logFolder, ROOT } from './folders.js';

const API = join(ROOT, 'dist', 'apps', 'api.js');
const LISTENS_MS_MAX = 30_000;

export interface FurtherApiOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
}

/** An api process beside those of a broker, on its state database and Redis. */
export interface FurtherApi {
  readonly port: number;
  /** Over plain HTTP on 127.0.0.1. */
  readonly api: string;
  log(): string;
  /** Gives the exit code; null when it did not end by itself in time. */
  stop(): Promise<number | null>;
}

let count = 0;

/** Starts one and waits until it listens. @throws when it ends before, with what it said */
export async function startFurtherApi(
  broker: Pick<Broker, 'env'>,
  { env = {}, args = [] }: FurtherApiOptions = {},
): Promise<FurtherApi> {
  const child = await startIt(broker, { env, args });
  const untilMs = performance.now() + LISTENS_MS_MAX;
  for (;;) {
    const port = portIn(child.log());
    if (port !== undefined) {
      return {
        port,
        api: `http://127.0.0.1:${port}`,
        log: () => child.log(),
        stop: async () => {
          await child.stop();
          return child.exitCode;
        },
      };
    }
    if (child.hasExited || performance.now() > untilMs) {
      await child.kill();
      throw new Error(`The api does not listen:\n${tailOf(child.log())}`);
    }
    await pause(50);
  }
}

/** What an api says that refuses to start. @throws when it starts */
export async function refusalOfApi(broker: Pick<Broker, 'env'>, options: FurtherApiOptions): Promise<string> {
  let started: FurtherApi | undefined;
  try {
    started = await startFurtherApi(broker, options);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  await started.stop();
  throw new Error('The api has started');
}

async function startIt(broker: Pick<Broker, 'env'>, { env, args }: Required<FurtherApiOptions>): Promise<Child> {
  count += 1;
  return startChild({
    command: process.execPath,
    args: [...V8_OPTIONS, API, ...args],
    logFile: join(await logFolder(`further-api-${process.pid}-${count}`), 'api.log'),
    env: { ...broker.env, API_HOST: '127.0.0.1', API_PORT: '0', ...env },
    cwd: ROOT,
  });
}

const listening = z.object({ msg: z.literal('listening'), port: z.int() });

function portIn(log: string): number | undefined {
  const line = log.split('\n').find((text) => text.includes('"listening"'));
  return line === undefined ? undefined : listening.parse(JSON.parse(line)).port;
}
