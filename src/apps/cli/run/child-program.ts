import { accessSync, constants as fileModes, statSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, resolve } from 'node:path';
import { systemErrorCode } from '../../../recording/write/system-error.js';

/** What shells and `env` end with when a program is not found, or is found and cannot be run. */
const EXIT_NOT_FOUND = 127;
const EXIT_NOT_RUN = 126;
/** A shell's exit code for a program that a signal has ended is this and the signal's number. */
const EXIT_BY_SIGNAL = 128;

/** The program cannot be started. */
export class ProgramFailure extends Error {
  constructor(
    message: string,
    readonly exitCode: number,
  ) {
    super(message);
  }
}

/** A program to be run, as it was found. */
export interface FoundProgram {
  /** As it was typed: what the program sees as its own name. */
  readonly name: string;
  readonly path: string;
}

/**
 * Finds a program as a shell does: by its path, or by its name in the folders of PATH.
 * @throws ProgramFailure when there is none, or none that may be run
 */
export function findProgram(name: string, env: NodeJS.ProcessEnv): FoundProgram {
  const folders = name.includes('/') ? [''] : (env['PATH'] ?? '').split(delimiter);
  let hasFile = false;
  for (const folder of folders) {
    const path = resolve(folder, name);
    if (!isFile(path)) continue;
    hasFile = true;
    if (mayRun(path)) return { name, path };
  }
  if (hasFile) throw new ProgramFailure(`${name} is there and may not be run.`, EXIT_NOT_RUN);
  throw new ProgramFailure(
    `There is no program ${name}${name.includes('/') ? '' : ' in the folders of PATH'}.`,
    EXIT_NOT_FOUND,
  );
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function mayRun(path: string): boolean {
  try {
    accessSync(path, fileModes.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Loads what starts programs. An import would load it before anything else is done. */
export function programStarter(): Pick<typeof import('node:child_process'), 'spawn'> {
  return process.getBuiltinModule('node:child_process');
}

/** A program that runs, with the terminal and the files of this process. */
export interface RunningProgram {
  readonly ended: Promise<ProgramEnd>;
  /** Passes a signal on; one that has ended gets none. */
  signal(name: NodeJS.Signals): void;
}

/** How a program ended: by itself or by a signal. */
export interface ProgramEnd {
  readonly exitCode: number;
  readonly signal: NodeJS.Signals | null;
}

/**
 * Starts a program; standard input, output and errors are those of this process.
 * @throws ProgramFailure when the system does not start it
 */
export async function startProgram(
  { name, path }: FoundProgram,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<RunningProgram> {
  const child = programStarter().spawn(path, args, { argv0: name, env, stdio: 'inherit' });
  const ended = new Promise<ProgramEnd>((done) => {
    child.once('exit', (code, signal) => done({ exitCode: exitCodeOf(code, signal), signal }));
  });
  await new Promise<void>((started, failed) => {
    child.once('spawn', started);
    child.once('error', (error) => failed(failureOf(name, error)));
  });
  return {
    ended,
    signal(wanted) {
      child.kill(wanted);
    },
  };
}

/** The exit code by which shells tell of a signal. */
export function exitCodeOf(code: number | null, signal: NodeJS.Signals | null): number {
  return code ?? EXIT_BY_SIGNAL + (signal === null ? 0 : constants.signals[signal]);
}

function failureOf(name: string, error: unknown): Error {
  const code = systemErrorCode(error);
  if (code === undefined) return error instanceof Error ? error : new Error(String(error));
  return new ProgramFailure(
    `${name} could not be started (${code}).`,
    code === 'ENOENT' ? EXIT_NOT_FOUND : EXIT_NOT_RUN,
  );
}
