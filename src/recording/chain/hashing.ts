import { availableParallelism } from 'node:os';
import { startThread } from '../../kernel/thread.js';
import { hashJob, type HashKind } from './hash-job.js';
import type { HashQuestion } from './hash-thread.js';
import { SharedBlocks } from './shared-blocks.js';

/** One hash that is being made. */
export interface RunningHash {
  /** As `HashJob.update`. The bytes must stay as they are until the answer. */
  update(part: Buffer): Promise<string>;
  /** As `HashJob.end`, after all updates. */
  end(): Promise<string>;
}

/** Where hashes are made: in this thread, or in others beside it. Close it in the end; what is unfinished then rejects. */
export interface Hashing {
  begin(kind: HashKind): RunningHash;
  close(): Promise<void>;
}

/** Starting threads takes longer than hashing this much. */
export const HASHING_THREADS_FROM_BYTES = 8 * 1024 * 1024;

/** Runs `use` with threads for hashing when there is enough to hash and another processor to do it. */
export async function withHashing<T>(manyBytes: boolean, use: (hashing: Hashing) => Promise<T>): Promise<T> {
  const hashing = manyBytes && availableParallelism() > 1 ? new HashingThreads() : new HashingHere();
  try {
    return await use(hashing);
  } finally {
    await hashing.close();
  }
}

/** Parts of a stream that wait to be hashed. */
const PARTS_AHEAD = 16;

/** SHA-256 over a stream that goes on while its last parts are hashed. */
export class StreamHash {
  readonly #hash: RunningHash;
  #ahead: Promise<string>[] = [];

  constructor(hashing: Hashing) {
    this.#hash = hashing.begin('bytes');
  }

  /** Resolves when there is room for another part. The bytes must not change any more. */
  async update(part: Buffer): Promise<void> {
    this.#ahead.push(this.#hash.update(part));
    if (this.#ahead.length > PARTS_AHEAD) await this.#ahead.shift();
  }

  /** The digest of all parts, hex. Once. */
  digest(): Promise<string> {
    return this.#hash.end();
  }
}

class HashingHere implements Hashing {
  begin(kind: HashKind): RunningHash {
    const job = hashJob(kind);
    return {
      update: async (part) => job.update(part),
      end: async () => job.end(),
    };
  }

  async close(): Promise<void> {
    // There is nothing to give back.
  }
}

/** Two threads: the chain and the tree, which cost about the same, are not in one. */
class HashingThreads implements Hashing {
  readonly #first = new HashThread();
  readonly #second = new HashThread();
  #next = this.#second;

  begin(kind: HashKind): RunningHash {
    if (kind === 'chain') return this.#first.begin(kind);
    if (kind === 'tree') return this.#second.begin(kind);
    this.#next = this.#next === this.#first ? this.#second : this.#first;
    return this.#next.begin(kind);
  }

  async close(): Promise<void> {
    await Promise.all([this.#first.close(), this.#second.close()]);
  }
}

/** What a chunk of a file or a decompressed one needs. */
const BLOCK_BYTES = 256 * 1024;

interface Asked {
  readonly resolve: (answer: string) => void;
  readonly reject: (error: Error) => void;
}

const THREAD = new URL('./hash-thread.js', import.meta.url);

class HashThread {
  readonly #worker = startThread(THREAD);
  readonly #blocks = new SharedBlocks(BLOCK_BYTES);
  #asked: Asked[] = [];
  #jobs = 0;
  #failure: Error | undefined;

  constructor() {
    this.#worker.on('message', (answer: string) => this.#asked.shift()?.resolve(answer));
    this.#worker.on('error', (error) => {
      this.#fail(error instanceof Error ? error : new Error('The hashing thread failed.', { cause: error }));
    });
    this.#worker.on('exit', () => {
      this.#fail(new Error('The hashing thread ended.'));
    });
  }

  begin(kind: HashKind): RunningHash {
    this.#jobs += 1;
    const job = this.#jobs;
    void mayBeAbandoned(this.#ask({ job, begin: kind }));
    return {
      update: (part) => mayBeAbandoned(this.#update(job, part)),
      end: () => mayBeAbandoned(this.#ask({ job, end: true })),
    };
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  async #update(job: number, part: Buffer): Promise<string> {
    if (part.buffer instanceof SharedArrayBuffer) return this.#ask({ job, part });
    const copy = this.#blocks.take(part.length);
    part.copy(copy);
    const answer = await this.#ask({ job, part: copy });
    this.#blocks.giveBack(copy);
    return answer;
  }

  #ask(question: HashQuestion): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    if (this.#failure !== undefined) {
      reject(this.#failure);
      return promise;
    }
    this.#asked.push({ resolve, reject });
    this.#worker.postMessage(question, []);
    return promise;
  }

  #fail(failure: Error): void {
    this.#failure ??= failure;
    for (const { reject } of this.#asked) reject(this.#failure);
    this.#asked = [];
  }
}

/** A verifier that stops at a problem and closes waits for no more answers; the rejection of those is nobody's. */
function mayBeAbandoned<T>(answer: Promise<T>): Promise<T> {
  answer.catch(() => undefined);
  return answer;
}
