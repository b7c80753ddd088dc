import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

/** Stops a process where it is; returns when none of its threads runs any more, which the signal alone does not say. */
export async function stopProcess(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  while (!(await isStopped(pid))) await pause(5);
}

/** The third field of /proc/<pid>/task/<tid>/stat, after the name in brackets: `T` is stopped (proc_pid_stat(5)). */
async function isStopped(pid: number): Promise<boolean> {
  const threads = await readdir(`/proc/${pid}/task`);
  const states = await Promise.all(
    threads.map(async (thread) => {
      const stat = await readFile(`/proc/${pid}/task/${thread}/stat`, 'utf8');
      return /^.*\) (\w)/s.exec(stat)?.[1];
    }),
  );
  return states.every((state) => state === 'T');
}
