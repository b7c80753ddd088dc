import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parse } from 'yaml';
import { z } from 'zod';
import { PYTHON } from '../clients/python.js';

/** What this runner knows of composite actions. A key that it does not know is refused, not left out. */
const actionSchema = z.strictObject({
  name: z.string(),
  description: z.string(),
  inputs: z.record(
    z.string(),
    z.strictObject({ description: z.string(), required: z.literal(true).optional(), default: z.string().optional() }),
  ),
  outputs: z.record(z.string(), z.strictObject({ description: z.string(), value: z.string() })),
  runs: z.strictObject({
    using: z.literal('composite'),
    steps: z.array(
      z.strictObject({
        id: z.string().optional(),
        if: z.literal('always()').optional(),
        shell: z.literal('bash'),
        env: z.record(z.string(), z.string()).default({}),
        // What is put into a script is a command of the one who writes it.
        run: z.string().refine((script) => !script.includes('${{'), 'has an expression in its script'),
      }),
    ),
  }),
});
export type CompositeAction = z.infer<typeof actionSchema>;

/** @throws when it has anything that this runner does not know */
export function parseAction(yaml: string): CompositeAction {
  return actionSchema.parse(parse(yaml));
}

export interface JobRun {
  readonly action: CompositeAction;
  /** Where the action is. */
  readonly folder: string;
  readonly inputs: Readonly<Record<string, string>>;
  /** Of `github` in expressions. */
  readonly github: Readonly<Record<string, string>>;
  /** Of the job, besides what the runner sets. */
  readonly env: Readonly<Record<string, string>>;
  /** Where the job works: for its own files and the runner's. */
  readonly workspace: string;
  /** Told of each step that begins, to act on its process. */
  readonly onStep?: (step: RunningStep) => void;
}

export interface RunningStep {
  readonly number: number;
  readonly pid: number;
  /** What it has printed until now, as people see it. */
  readonly log: () => string;
}

export interface JobOutcome {
  readonly isSuccess: boolean;
  /** As people see it: commands are not shown, and what was to be hidden is not. */
  readonly log: string;
  /** All that was printed. */
  readonly raw: string;
  readonly exitCodes: readonly (number | NodeJS.Signals | 'skipped')[];
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
  /** Of the commands `notice` and `error`, unescaped. */
  readonly annotations: readonly string[];
  /** What later steps of the job would have in their environment. */
  readonly exported: string;
  /** What is left in the runner's folder for temporary files. */
  readonly left: readonly string[];
}

/** Runs the steps of a composite action as GitHub's runner does, on this machine. */
export async function runAction(job: JobRun): Promise<JobOutcome> {
  const { action } = job;
  const temporary = await mkdtemp(join(job.workspace, 'runner-'));
  const inputs = inputsOf(job);
  const stepOutputs = new Map<string, Readonly<Record<string, string>>>();
  const value = (name: string): string => {
    const [root = '', ...path] = name.split('.');
    if (root === 'inputs') return known(inputs[path.join('.')], name);
    if (root === 'github') return known(job.github[path.join('.')], name);
    const [id = '', kind, output = ''] = path;
    if (root === 'steps' && kind === 'outputs') return known(stepOutputs.get(id), name)[output] ?? '';
    throw new Error(`The runner does not know ${name}`);
  };
  // What a workflow gives has been evaluated before: what looks like an expression in it is text.
  for (const [name, { default: usual }] of Object.entries(action.inputs)) {
    if (usual !== undefined && inputs[name] === usual) inputs[name] = evaluated(usual, value);
  }
  const log = new ShownLog();
  const exitCodes: JobOutcome['exitCodes'][number][] = [];
  let isSuccess = true;
  let summary = '';
  let exported = '';
  for (const [index, step] of action.runs.steps.entries()) {
    if (!isSuccess && step.if === undefined) {
      exitCodes.push('skipped');
      continue;
    }
    const files = await stepFiles(temporary, index);
    const own = Object.fromEntries(Object.entries(step.env).map(([name, text]) => [name, evaluated(text, value)]));
    const env = {
      PATH: `${dirname(PYTHON)}${delimiter}${process.env['PATH']}`,
      HOME: temporary,
      ...job.env,
      RUNNER_TEMP: temporary,
      GITHUB_ACTION_PATH: job.folder,
      ...files,
      ...own,
    };
    const code = await runStep(step.run, { env, temporary, index, log, job });
    exitCodes.push(code);
    isSuccess &&= code === 0;
    if (step.id !== undefined) stepOutputs.set(step.id, outputsIn(await readFile(files.GITHUB_OUTPUT, 'utf8')));
    summary += await readFile(files.GITHUB_STEP_SUMMARY, 'utf8');
    exported += await readFile(files.GITHUB_ENV, 'utf8');
  }
  const outputs = Object.fromEntries(
    Object.entries(action.outputs).map(([name, output]) => [name, evaluated(output.value, value)]),
  );
  const left = await readdir(temporary);
  const { shown, raw, annotations } = log;
  return { isSuccess, log: shown, raw, exitCodes, outputs, summary, annotations, exported, left };
}

function inputsOf({ action, inputs }: JobRun): Record<string, string> {
  for (const name of Object.keys(inputs)) {
    if (!Object.hasOwn(action.inputs, name)) throw new Error(`The action has no input ${name}`);
  }
  return Object.fromEntries(
    Object.entries(action.inputs).map(([name, { default: usual = '' }]) => [name, inputs[name] ?? usual]),
  );
}

function known<T>(found: T | undefined, name: string): T {
  if (found === undefined) throw new Error(`The runner does not know ${name}`);
  return found;
}

function evaluated(template: string, value: (name: string) => string): string {
  return template.replaceAll(/\$\{\{(.*?)\}\}/g, (_, expression: string) => {
    const name = expression.trim();
    if (!/^[a-z]+(\.[\w-]+)+$/.test(name)) throw new Error(`The runner does not know the expression ${name}`);
    return value(name);
  });
}

async function stepFiles(temporary: string, index: number) {
  const path = (name: string): string => join(temporary, `${name}-${index}`);
  const files = {
    GITHUB_ENV: path('env'),
    GITHUB_OUTPUT: path('output'),
    GITHUB_PATH: path('path'),
    GITHUB_STATE: path('state'),
    GITHUB_STEP_SUMMARY: path('summary'),
  };
  for (const file of Object.values(files)) await writeFile(file, '');
  return files;
}

interface StepRun {
  readonly env: Readonly<Record<string, string>>;
  readonly temporary: string;
  readonly index: number;
  readonly log: ShownLog;
  readonly job: JobRun;
}

async function runStep(script: string, { env, temporary, index, log, job }: StepRun): Promise<number | NodeJS.Signals> {
  const file = join(temporary, `step-${index}.sh`);
  await writeFile(file, script);
  const child = spawn('bash', ['--noprofile', '--norc', '-e', '-o', 'pipefail', file], { env, cwd: job.workspace });
  child.stdin.end();
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => log.take(chunk));
  const stderr = text(child.stderr);
  if (child.pid === undefined) throw new Error('bash could not be started');
  job.onStep?.({ number: index, pid: child.pid, log: () => log.shown });
  const code = await new Promise<number | NodeJS.Signals>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, signal) => resolve(exitCode ?? signal ?? 1));
  });
  log.take(`${await stderr}\n`);
  return code;
}

/** `name=value`, a line each: this action writes no value of several lines. */
function outputsIn(written: string): Record<string, string> {
  const lines = written.split('\n').filter((line) => line !== '');
  return Object.fromEntries(
    lines.map((line) => {
      const [, name = '', value = ''] = /^([\w-]+)=(.*)$/.exec(line) ?? [];
      if (name === '') throw new Error(`No output: ${line}`);
      return [name, value];
    }),
  );
}

/** What a runner does with the lines that a step prints. */
class ShownLog {
  shown = '';
  raw = '';
  readonly annotations: string[] = [];
  readonly #hidden: string[] = [];
  #rest = '';

  take(chunk: string): void {
    this.raw += chunk;
    const lines = `${this.#rest}${chunk}`.split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#takeLine(line);
  }

  #takeLine(line: string): void {
    const [, command, , said = ''] = /^\s*::([a-z-]+)( [^:]*)?::(.*)$/.exec(line) ?? [];
    const meant = said.replaceAll('%0A', '\n').replaceAll('%0D', '\r').replaceAll('%25', '%');
    switch (command) {
      case 'add-mask':
        if (meant !== '') this.#hidden.push(meant);
        return;
      case 'notice':
      case 'error':
        this.annotations.push(this.#hide(meant));
        this.shown += `${command}: ${this.#hide(meant)}\n`;
        return;
      case undefined:
        this.shown += `${this.#hide(line)}\n`;
        return;
      default:
        throw new Error(`The runner does not know ::${command}::`);
    }
  }

  #hide(line: string): string {
    // The longest first: what is hidden may be a part of what is hidden too.
    const secrets = this.#hidden.toSorted((one, other) => other.length - one.length);
    return secrets.reduce((hidden, secret) => hidden.replaceAll(secret, '***'), line);
  }
}
