import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { join } from 'node:path';
import { vi } from 'vitest';
import { ROOT } from './folders.js';

const CLI = join(ROOT, 'dist', 'apps', 'cli', 'main.js');

/** The built command line on a terminal of its own, as a person has it before them. */
export class Screen {
  readonly #script: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<number | null>;
  #said = '';
  #seen = 0;

  constructor(env: Readonly<Record<string, string>>, words: string) {
    const command = `stty cols 132; '${process.execPath}' '${CLI}' ${words}`;
    this.#script = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
      env: { PATH: process.env['PATH'], TERM: 'dumb', ...env },
    });
    this.#ended = new Promise((resolve) => this.#script.once('close', resolve));
    this.#script.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#said += text;
    });
  }

  /** Waits until this is to be read behind what was waited for before. */
  async until(part: string): Promise<void> {
    await vi.waitFor(
      () => {
        const at = this.#said.indexOf(part, this.#seen);
        if (at < 0) throw new Error(`Not on the screen: ${part}\n${this.#said.slice(this.#seen)}`);
        this.#seen = at + part.length;
      },
      { timeout: 45_000, interval: 20 },
    );
  }

  type(line: string): void {
    this.#script.stdin.write(`${line}\r`);
  }

  /** The exit code, once the command has ended. */
  ended(): Promise<number | null> {
    return this.#ended;
  }

  async leave(): Promise<void> {
    this.#script.stdin.write('\u0003');
    await this.#ended;
  }
}
