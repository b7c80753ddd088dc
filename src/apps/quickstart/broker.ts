import { z } from 'zod';
import type { Environment } from './environment.js';
import { PATHS } from './paths.js';
import { LOOPBACK } from './ports.js';
import { type Processes, type RunningProcess, tailOf, untilReady } from './processes.js';
import { runDoorwarden } from './programs.js';

/** Started in this order and ended in the other: the process that opens grants ends first, the one that seals them last. */
export const BROKER_PROCESSES = ['worker', 'gateway', 'api'] as const;

const READY_MS_MAX = 60_000;
const ATTEMPT_MS_MAX = 2_000;

/** Brings the state database up to date. */
export async function migrate(env: Environment): Promise<string> {
  const { exitCode, stdout, stderr } = await runDoorwarden(['migrate'], env);
  if (exitCode !== 0) throw new Error(tailOf(stderr));
  return stdout.trim().replace(/\.$/, '');
}

/** Starts the three processes of the broker and waits until each says that it is ready; the api's address. */
export async function startBroker(processes: Processes, env: Environment): Promise<string> {
  const started = BROKER_PROCESSES.map((name) =>
    processes.start({
      name,
      command: process.execPath,
      args: ['--enable-source-maps', PATHS.app(name)],
      env,
    }),
  );
  const addresses = await Promise.all(started.map(addressWhenReady));
  const api = addresses[BROKER_PROCESSES.indexOf('api')];
  if (api === undefined) throw new Error('The api has no address');
  return api;
}

async function addressWhenReady(process: RunningProcess): Promise<string> {
  return untilReady(process, READY_MS_MAX, async () => {
    const address = `http://${LOOPBACK}:${listeningPort(process.log())}`;
    const response = await fetch(`${address}/health/ready`, { signal: AbortSignal.timeout(ATTEMPT_MS_MAX) });
    if (!response.ok) throw new Error(`/health/ready answers ${response.status}: ${await response.text()}`);
    return address;
  });
}

const listening = z.object({ msg: z.literal('listening'), port: z.number().int().positive() });

/** The port in the JSON line that a process logs once it listens. */
function listeningPort(log: string): number {
  for (const line of log.split('\n')) {
    if (!line.includes('"listening"')) continue;
    const parsed = listening.safeParse(JSON.parse(line));
    if (parsed.success) return parsed.data.port;
  }
  throw new Error('it does not listen yet');
}
