import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeTemporaryFolder } from './folders.js';

const STRACE = '/usr/bin/strace';
const TRACED =
  'trace=write,writev,pwrite64,pwritev,pwritev2,sendto,sendmsg,sendmmsg,sendfile,splice,fdatasync,fsync,io_uring_enter';
const STRING_BYTES_MAX = 8 * 1024 * 1024;

/** One system call of one thread, with its time as strace saw it begin and end. */
export interface SystemCall {
  readonly thread: number;
  readonly name: string;
  /** What its first descriptor stands for: a path, or `TCP:[from->to]`. */
  readonly target: string;
  /** Its arguments behind the descriptor; bytes beyond ASCII are escaped. */
  readonly rest: string;
  readonly result: number;
  readonly beganS: number;
  readonly endedS: number;
}

/** Runs `work` while the writing system calls of all threads of a process are watched; a sentence says why they cannot be. */
export async function systemCallsDuring(
  pid: number,
  work: () => Promise<void>,
): Promise<readonly SystemCall[] | string> {
  if (!existsSync(STRACE)) return 'strace is not installed';
  const folder = makeTemporaryFolder();
  const args = ['-f', '-ff', '-ttt', '-T', '-yy', '-s', String(STRING_BYTES_MAX), '-e', TRACED];
  const strace = spawn(STRACE, [...args, '-o', join(folder, 'calls'), '-p', String(pid)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const gone = once(strace, 'exit');
  try {
    const refusal = await attached(strace.stderr, gone);
    if (refusal !== undefined) return refusal;
    await work();
    strace.kill('SIGINT'); // it lets the process go on, untouched
    await gone;
    return await readCalls(folder);
  } finally {
    strace.kill('SIGKILL');
    await gone;
    await rm(folder, { recursive: true, force: true });
  }
}

/** Undefined once it is attached, else what it said. */
async function attached(stderr: NodeJS.ReadableStream, gone: Promise<unknown>): Promise<string | undefined> {
  let said = '';
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  stderr.setEncoding('utf8');
  stderr.on('data', (text: string) => {
    said += text;
    if (/Process \d+ attached/.test(said)) resolve(undefined);
  });
  void gone.then(() => resolve(`strace may not trace here: ${said.trim()}`));
  return promise;
}

async function readCalls(folder: string): Promise<readonly SystemCall[]> {
  const calls: SystemCall[] = [];
  for (const name of await readdir(folder)) {
    const thread = Number(name.split('.').at(-1));
    for (const line of (await readFile(join(folder, name), 'latin1')).split('\n')) {
      const call = parseCall(line, thread);
      if (call !== undefined) calls.push(call);
    }
  }
  return calls.toSorted((one, other) => one.beganS - other.beganS);
}

const CALL = /^(\d+\.\d+) (\w+)\(\d+<(.*?)>(?:, |\))(.*)\)?\s+= (-?\d+).*<(\d+\.\d+)>$/s;

/** One line of strace, such as `12.5 write(3</a/b>, "x", 1) = 1 <0.000010>`; undefined for a line that is no finished call. */
export function parseCall(line: string, thread: number): SystemCall | undefined {
  const found = CALL.exec(line);
  if (found === null) return undefined;
  const [, began = '', name = '', target = '', rest = '', result = '', took = ''] = found;
  const beganS = Number(began);
  return { thread, name, target, rest, result: Number(result), beganS, endedS: beganS + Number(took) };
}
