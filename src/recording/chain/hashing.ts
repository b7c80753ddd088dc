import { availableParallelism } from 'node:os';
import { assert } from '../../kernel/assert.js';
import { startThread } from '../../kernel/thread.js';
import { LARGE_CHUNK_BYTES } from './file-chunks.js';
import { hashJob, type HashKind } from './hash-job.js';
import type { HashAnswer, HashQuestion } from './hash-thread.js';
import { SharedBlocks } from './shared-blocks.js';

/** One hash that is being made. */
export interface RunningHash {
  /** As `HashJob.update`. The bytes must stay as they are until the answer; `room` is in memory that threads can share. */
  update(part: Buffer, room?: Buffer): Promise<Buffer>;
  /** As `HashJob.end`, after all updates. */
  end(): Promise<string>;
}

/** Where hashes are made: in this thread, or in others beside it. Close it in the end; what is unfinished then rejects. */
export interface Hashing {
  begin(kind: HashKind): RunningHash;
  close(): Promise<void>;
}

/**
 * Two threads cost 80 ms of the processor to start, and more for what they are told. Up to here a check takes 1.4 to 2.3
 * times as much of it with them as without, and is over no sooner where other work goes on.
 */
export const HASHING_THREADS_FROM_BYTES = 32 * 1024 * 1024;

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
  #ahead: Promise<unknown>[] = [];

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
      update: async (part, room) => job.update(part, room),
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
const BLOCK_BYTES = LARGE_CHUNK_BYTES;

interface Asked {
  readonly resolve: (answer: HashAnswer) => void;
  readonly reject: (error: Error) => void;
}

const NOTHING = Buffer.alloc(0);
const THREAD = new URL('./hash-thread.js', import.meta.url);

class HashThread {
  readonly #worker = startThread(THREAD);
  readonly #blocks = new SharedBlocks(BLOCK_BYTES);
  #asked: Asked[] = [];
  #jobs = 0;
  #failure: Error | undefined;

  constructor() {
    this.#worker.on('message', (answer: HashAnswer) => this.#asked.shift()?.resolve(answer));
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
      update: (part, room) => mayBeAbandoned(this.#update(job, part, room)),
      end: () => mayBeAbandoned(this.#end(job)),
    };
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  async #update(job: number, part: Buffer, room?: Buffer): Promise<Buffer> {
    if (part.buffer instanceof SharedArrayBuffer) {
      return bytesOf(await this.#ask(room === undefined ? { job, part } : { job, part, room }));
    }
    const copy = this.#blocks.take(part.length);
    part.copy(copy);
    const answer = await this.#ask({ job, part: copy });
    this.#blocks.giveBack(copy);
    return bytesOf(answer);
  }

  async #end(job: number): Promise<string> {
    const answer = await this.#ask({ job, end: true });
    assert(typeof answer === 'string', 'a hash is text');
    return answer;
  }

  #ask(question: HashQuestion): Promise<HashAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<HashAnswer>();
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

function bytesOf(answer: HashAnswer): Buffer {
  if (typeof answer === 'string') return NOTHING;
  return Buffer.from(answer.buffer, answer.byteOffset, answer.byteLength);
}
