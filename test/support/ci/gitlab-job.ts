import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parse } from 'yaml';
import { z } from 'zod';

/** What this runner knows of a job; a key that it does not know is refused. */
const jobSchema = z.strictObject({
  image: z.string(),
  timeout: z.string(),
  id_tokens: z.record(z.string(), z.strictObject({ aud: z.string() })),
  variables: z.record(
    z.string(),
    z.string().refine((value) => !value.includes('$'), 'has a variable in it'),
  ),
  script: z.array(z.string()),
});
export type GitlabJob = z.infer<typeof jobSchema>;

/** The one job of a text of `.gitlab-ci.yml`. @throws when it has anything that this runner does not know */
export function parseJob(yaml: string): GitlabJob {
  const jobs = z.record(z.string(), jobSchema).parse(parse(yaml));
  const [job, ...more] = Object.values(jobs);
  if (job === undefined || more.length > 0) throw new Error('There is not one job');
  return job;
}

export interface GitlabRun {
  /** Signs the token of the job for an audience. */
  readonly token: (audience: string) => Promise<string>;
  /** Of the job's image. */
  readonly path: string;
  /** Variables that GitLab sets. */
  readonly predefined: Readonly<Record<string, string>>;
  readonly workspace: string;
  readonly onStart?: (process: ChildProcess, log: () => string) => void;
}

export interface GitlabOutcome {
  readonly exitCode: number | NodeJS.Signals;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a job as a runner does: all lines of its script in one shell, which ends at the first that fails. */
export async function runJob(job: GitlabJob, run: GitlabRun): Promise<GitlabOutcome> {
  const home = await mkdtemp(join(run.workspace, 'job-'));
  const tokens: Record<string, string> = {};
  for (const [name, { aud }] of Object.entries(job.id_tokens)) tokens[name] = await run.token(aud);
  const env = { PATH: run.path, HOME: home, TMPDIR: home, CI: 'true', ...run.predefined, ...job.variables, ...tokens };
  const script = ['set -eo pipefail', ...job.script].join('\n');
  // In a group of its own, which a cancelled job is sent its signal to.
  const child = spawn('bash', ['-c', script], { env, cwd: home, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  child.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()));
  run.onStart?.(child, () => log);
  const ended = new Promise<number | NodeJS.Signals>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? signal ?? 1));
  });
  const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { exitCode, stdout, stderr };
}
