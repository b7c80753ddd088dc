import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { cpus, release, totalmem } from 'node:os';
import { promisify } from 'node:util';

const run = promisify(execFile);
const GIB = 1024 ** 3;

/** What the figures were measured on. Names no host. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGib: number;
  readonly system: string;
  readonly node: string;
}

export async function describeMachine(): Promise<Machine> {
  const osRelease = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const distribution = /^PRETTY_NAME="(.*)"$/m.exec(osRelease)?.[1] ?? process.platform;
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGib: Math.round(totalmem() / GIB),
    system: `${distribution}, Linux ${release()}`,
    node: process.version,
  };
}

/** The first version number that a program prints. */
export async function versionOf(command: string, arg = '--version'): Promise<string> {
  const { stdout } = await run(command, [arg]);
  return /\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? 'unknown';
}

/** How much of a process is in memory now, and at most since `resetPeak`. */
export async function memoryOf(pid: number): Promise<{ readonly nowBytes: number; readonly peakBytes: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const bytesOf = (field: string): number => {
    const kib = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1];
    if (kib === undefined) throw new Error(`/proc has no ${field} for ${pid}`);
    return Number(kib) * 1024;
  };
  return { nowBytes: bytesOf('VmRSS'), peakBytes: bytesOf('VmHWM') };
}
