/** A step that did not hold; what it was and why, for the last lines of a failed quickstart. */
export class StepFailed extends Error {
  readonly step: string;
  /** The process whose log tells more. */
  readonly process: string | undefined;

  constructor(step: string, process: string | undefined, cause: unknown) {
    super(messageOf(cause), { cause });
    this.step = step;
    this.process = process;
  }
}

export interface StepOptions {
  /** The process to look at when the step fails. */
  readonly process?: string;
}

/** Tells what the quickstart does, one plain line for each step. */
export class Report {
  readonly #startedMs = performance.now();
  readonly #underWay: string[] = [];
  #steps = 0;
  #isMuted = false;

  /** The steps that have begun and not ended. */
  get underWay(): readonly string[] {
    return this.#underWay;
  }

  /** A line that stands alone. */
  say(line = ''): void {
    if (!this.#isMuted) process.stdout.write(`${line}\n`);
  }

  /** Says nothing more: what steps that are broken off still come to does not matter. */
  mute(): void {
    this.#isMuted = true;
  }

  /**
   * Does a step and prints what came of it: its title, what `work` says about it, and how long it took.
   * @throws StepFailed
   */
  async step<T>(
    title: string,
    work: (note: (text: string) => void) => Promise<T>,
    options: StepOptions = {},
  ): Promise<T> {
    const startedMs = performance.now();
    let noted = '';
    this.#underWay.push(title);
    try {
      const result = await work((text) => {
        noted = `: ${text}`;
      });
      this.#steps += 1;
      this.say(`  ✓ ${title}${noted} (${duration(performance.now() - startedMs)})`);
      return result;
    } catch (error) {
      if (error instanceof StepFailed) throw error;
      throw new StepFailed(title, options.process, error);
    } finally {
      this.#underWay.splice(this.#underWay.indexOf(title), 1);
    }
  }

  /** How many steps held, and in what time. */
  summary(): string {
    return `All ${this.#steps} steps held, in ${duration(performance.now() - this.#startedMs)}.`;
  }
}

/** Fails the step that it is called in when something is not as it has to be. */
export function expect(holds: boolean, whatWasSeen: string): asserts holds {
  if (!holds) throw new Error(whatWasSeen);
}

function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** An error with its causes, each in its own words. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.message === '' ? error.name : error.message;
  return error.cause === undefined ? own : `${own} (${messageOf(error.cause)})`;
}
