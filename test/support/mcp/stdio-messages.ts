import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { vi } from 'vitest';
import { z } from 'zod';
import { PROGRAM } from '../command-line.js';
import { COMPILED } from '../folders.js';

/** A server whose standard streams a test speaks to itself. */
export interface RawMcp {
  readonly child: ChildProcessWithoutNullStreams;
  /** All of its standard output until now. */
  readonly said: () => string;
  readonly send: (message: object) => void;
  /** The answer to the request of that id, once it is there. */
  readonly answer: (id: number) => Promise<Readonly<Record<string, unknown>>>;
}

export function startRawMcp(env: Readonly<Record<string, string>>): RawMcp {
  const child = spawn(process.execPath, [PROGRAM, 'mcp'], { env: { ...COMPILED, ...env } });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk));
  child.stderr.resume();
  const found = (id: number) =>
    out
      .split('\n')
      .slice(0, -1)
      .map((line) => z.record(z.string(), z.unknown()).parse(JSON.parse(line)))
      .find((message) => message['id'] === id && message['method'] === undefined);
  return {
    child,
    said: () => out,
    send: (message) => void child.stdin.write(`${JSON.stringify(message)}\n`),
    answer: (id) =>
      vi.waitFor(
        () => {
          const message = found(id);
          if (message === undefined) throw new Error(`There is no answer ${id} in: ${out}`);
          return message;
        },
        { timeout: 60_000, interval: 50 },
      ),
  };
}
