import { closeSync, openSync } from 'node:fs';
import { exitCodeOf, type RunningProgram } from './child-program.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;
/** What a terminal sends to all programs that run in its foreground. */
const BY_TERMINAL: readonly string[] = ['SIGINT', 'SIGQUIT'];
/** What does not ask anybody to end. */
const TELLING: readonly string[] = ['SIGUSR1', 'SIGUSR2'];

/** Somebody wants the command to end before it has done its work. */
export class EndedBySignal extends Error {
  readonly exitCode: number;

  constructor(readonly by: NodeJS.Signals) {
    super(`It was told to end by ${by}.`);
    this.exitCode = exitCodeOf(null, by);
  }
}

/**
 * The signals that a command gets from its beginning to its end. While its program runs they are passed on to it: the
 * command ends after its program. Otherwise the first one ends what is waited for, and the second one the process.
 */
export class CaughtSignals {
  readonly #hasTerminal: boolean;
  readonly #tell: (line: string) => void;
  #waiting = new AbortController();
  #program: RunningProgram | undefined;
  readonly #onSignal = (name: NodeJS.Signals): void => this.#take(name);

  /** `tell` is given what a person has to know whom the second signal leaves with an open grant. */
  constructor(tell: (line: string) => void, hasTerminal = isInTerminal()) {
    this.#tell = tell;
    this.#hasTerminal = hasTerminal;
    for (const name of SIGNALS) process.on(name, this.#onSignal);
  }

  /** Aborted by the first signal that comes while no program runs; its reason is an `EndedBySignal`. */
  get signal(): AbortSignal {
    return this.#waiting.signal;
  }

  /** Runs the program to its end. A signal that came before counts for it, too. */
  async passTo<T>(program: RunningProgram, until: Promise<T>): Promise<T> {
    this.#program = program;
    const { reason } = this.#waiting.signal;
    if (reason instanceof EndedBySignal) program.signal(reason.by);
    try {
      return await until;
    } finally {
      this.#program = undefined;
    }
  }

  /** What came before has been heard. @returns what the next one aborts */
  restart(): AbortSignal {
    this.#waiting = new AbortController();
    return this.#waiting.signal;
  }

  release(): void {
    for (const name of SIGNALS) process.off(name, this.#onSignal);
  }

  #take(name: NodeJS.Signals): void {
    if (this.#program !== undefined) {
      // The terminal has sent it to the program itself; a second one could mean something else to it.
      if (!(this.#hasTerminal && BY_TERMINAL.includes(name))) this.#program.signal(name);
      return;
    }
    if (TELLING.includes(name)) return;
    if (!this.#waiting.signal.aborted) {
      this.#waiting.abort(new EndedBySignal(name));
      return;
    }
    this.#tell('Ended at once. If the grant is open still, its deadline ends it.');
    process.exit(exitCodeOf(null, name));
  }
}

/** Whether this process has a terminal that can send it signals, wherever its input and output go. */
function isInTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}
