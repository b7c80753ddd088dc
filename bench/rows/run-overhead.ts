import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../../test/support/folders.js';
import { type BenchBroker, TARGET } from '../broker.js';
import { median } from '../figures.js';
import type { Row } from '../row.js';

const CLI = join(ROOT, 'dist', 'apps', 'cli', 'main.js');
/** What does nothing: its own time is hardly any. */
const PROGRAM = '/bin/true';
const RUN_WORDS = [process.execPath, CLI, 'run', '--target', TARGET, '--task', 'Benchmark', '--', PROGRAM];
const WARM_UP_RUNS = 5;
const RUNS = 30;

/** What `doorwarden run` adds to a program when nobody has to be asked: from its start to its end, the grant closed. */
export const runOverheadRow: Row = {
  name: 'run-overhead',
  what: '`doorwarden run -- /bin/true` beyond `/bin/true` alone, p50',
  bounds: { floor: 150, goal: 60, unit: 'ms', better: 'lower' },
  async measure({ broker, say }) {
    const own: number[] = [];
    const samples: number[] = [];
    for (let count = -WARM_UP_RUNS; count < RUNS; count += 1) {
      const aloneMs = await timeOf([PROGRAM], {});
      const runMs = await timeOf(RUN_WORDS, environmentOf(broker));
      if (count < 0) continue;
      own.push(aloneMs);
      samples.push(runMs - aloneMs);
    }
    const sorted = samples.toSorted((a, b) => a - b);
    const p95 = sorted[Math.floor(sorted.length * 0.95)] ?? 0;
    const detail = `${RUNS} runs, p95 ${p95.toFixed(0)} ms; ${PROGRAM} alone ${median(own).toFixed(1)} ms`;
    say(detail);
    return { value: median(samples), samples, detail };
  },
};

function environmentOf({ vouched, agentKey }: BenchBroker): NodeJS.ProcessEnv {
  const { PATH } = process.env;
  return { PATH, HOME: '/nonexistent', DOORWARDEN_API: vouched.api, DOORWARDEN_API_KEY: agentKey };
}

async function timeOf([program = '', ...args]: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const startedMs = performance.now();
  const child = spawn(program, args, { env, stdio: 'ignore' });
  const exitCode = await new Promise((ended, failed) => {
    child.once('error', failed);
    child.once('exit', ended);
  });
  if (exitCode !== 0) throw new Error(`${[program, ...args].join(' ')} ended with ${String(exitCode)}`);
  return performance.now() - startedMs;
}
