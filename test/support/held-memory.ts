import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { z } from 'zod';
import { type Broker, type ProcessName } from './broker.js';

const MIB = 1024 * 1024;
const LOOK_EVERY_MS = 100;
/** In MiB: more than any session needs, and a small part of every flood that these tests send. */
export const HELD_MIB_MAX = 40;
const ANSWER_LIMIT_MS = 45_000;
/** Objects, and the bytes outside of the heap that belong to them: right after a collection, what the process holds on to. */
const USED_BYTES = '(({ heapUsed, external }) => heapUsed + external)(process.memoryUsage())';

const evaluated = z.object({ result: z.object({ value: z.number() }) });
const answered = z.object({ id: z.int(), result: z.unknown() });

/** By pid: where the inspector of a process answers, which it says once. */
const inspectors = new Map<number, string>();

/**
 * Watches what a process of the broker holds in memory while `work` runs. `grownMib` is how much more than before that
 * was at most, in MiB; below {@link HELD_MIB_MAX}, garbage may be counted with it. From there on the process collects its
 * garbage before a look counts. So no figure that matters depends on when it would have, and a busy machine only has fewer
 * looks.
 */
export async function watchHeldMemory<T>(
  broker: Broker,
  work: () => Promise<T>,
  name: ProcessName = 'gateway',
): Promise<{ readonly grownMib: number; readonly worked: T }> {
  const process = await Inspected.open(broker, name);
  try {
    const before = await process.heldMib();
    const now = async (): Promise<number> => {
      const used = await process.usedMib();
      return used < before + HELD_MIB_MAX ? used : process.heldMib();
    };
    let peak = before;
    const done = new AbortController();
    const watch = async (): Promise<void> => {
      while (!done.signal.aborted) {
        peak = Math.max(peak, await now());
        await pause(LOOK_EVERY_MS);
      }
      peak = Math.max(peak, await now());
    };
    const watching = watch();
    // Whatever becomes of the work, nobody looks any more once it is over.
    const [worked] = await Promise.all([work().finally(() => done.abort()), watching]);
    return { grownMib: peak - before, worked };
  } finally {
    process.close();
  }
}

/** A process whose inspector this one talks to. */
class Inspected {
  readonly #socket: WebSocket;
  #lastId = 0;

  static async open(broker: Broker, name: ProcessName): Promise<Inspected> {
    const socket = new WebSocket(await inspectorOf(broker, name));
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve);
      socket.addEventListener('error', () => reject(new Error(`The inspector of ${name} cannot be reached`)));
    });
    return new Inspected(socket);
  }

  private constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  async heldMib(): Promise<number> {
    // The first one finds what is garbage, the second one waits until the bytes of it are given back.
    await this.#call('HeapProfiler.collectGarbage');
    await this.#call('HeapProfiler.collectGarbage');
    return this.usedMib();
  }

  /** With the garbage that it has not collected yet. */
  async usedMib(): Promise<number> {
    const { result } = evaluated.parse(await this.#call('Runtime.evaluate', { expression: USED_BYTES }));
    return result.value / MIB;
  }

  close(): void {
    this.#socket.close();
  }

  #call(method: string, params: object = {}): Promise<unknown> {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      const over = new AbortController();
      const settle = (how: () => void): void => {
        clearTimeout(timer);
        over.abort();
        how();
      };
      const fail = (why: string) => () => settle(() => reject(new Error(`${method}: ${why}`)));
      const timer = setTimeout(fail(`no answer in ${ANSWER_LIMIT_MS} ms`), ANSWER_LIMIT_MS);
      const { signal } = over;
      this.#socket.addEventListener('close', fail('the process has closed the connection'), { signal });
      this.#socket.addEventListener(
        'message',
        ({ data }) => {
          const answer = answered.safeParse(JSON.parse(String(data)));
          if (answer.success && answer.data.id === id) settle(() => resolve(answer.data.result));
        },
        { signal },
      );
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }
}

/** Node.js opens a process's inspector on SIGUSR1, at a port that it prints. */
async function inspectorOf(broker: Broker, name: ProcessName): Promise<string> {
  const pid = broker.pid(name);
  const known = inspectors.get(pid);
  if (known !== undefined) return known;
  const saidBefore = broker.logs(name).length;
  process.kill(pid, 'SIGUSR1');
  const said = (): string | undefined =>
    /^Debugger listening on (ws:\S+)$/m.exec(broker.logs(name).slice(saidBefore))?.[1];
  await expect.poll(said).toBeDefined();
  const url = String(said());
  inspectors.set(pid, url);
  return url;
}
