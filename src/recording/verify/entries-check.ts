import type { GrantClosed, GrantOpened } from '../entries/entries.js';
import type { Hashing, RunningHash } from '../chain/hashing.js';
import type { RecordedProtocols } from '../recorded-protocol.js';
import { LINE_BYTES_MAX } from '../entries/limits.js';
import { FrameUnreadable } from '../frames/frame-codec.js';
import { hashesBytesMax } from '../chain/hash-job.js';
import { BATCH_BLOCK_BYTES, LineBatches } from '../chain/line-batches.js';
import { SharedBlocks } from '../chain/shared-blocks.js';
import { LineCheck, type SealedEnd } from './line-check.js';
import { entryProblem, frameProblem, type Problem } from './problem.js';
import { ResponseCheck, type RawSegment } from './response-check.js';
import type { OpenSegment } from './segment-cursor.js';

export interface EntriesCheckOptions {
  /** The bytes of entries.jsonl. May throw `FrameUnreadable`. */
  readonly entries: AsyncIterable<Buffer>;
  readonly openSegment: OpenSegment;
  readonly segmentCount: number;
  readonly hashing: Hashing;
  /** By which bodies are checked. */
  readonly protocols: RecordedProtocols;
  /** What the seal says; absent for a live recording. */
  readonly sealed?: SealedEnd;
  /** Compares a segment that was read to its end with what the seal says. */
  readonly expectSegment?: (segment: RawSegment) => Problem | undefined;
}

/** What the lines and segments of a whole recording add up to. */
export interface RecordingFacts {
  readonly opened: GrantOpened;
  readonly closed: GrantClosed;
  readonly entries: {
    readonly count: number;
    readonly bytes: number;
    readonly sha256: string;
    readonly firstAt: string;
    readonly lastAt: string;
    readonly lastHash: string;
    readonly merkleRoot: string;
  };
  readonly segments: readonly RawSegment[];
  readonly operations: number;
  /** False where this build does not have the protocol. */
  readonly bodiesChecked: boolean;
  readonly sessions: number;
}

export type EntriesCheck = { readonly facts: RecordingFacts } | { readonly problem: Problem };

/** Batches that are hashed while an earlier one is checked. */
const BATCHES_AHEAD = 6;

/**
 * Checks every line and every response of a recording in one pass. Memory: one line, a few chunks of the entries and one
 * of a segment.
 */
export async function checkEntries(options: EntriesCheckOptions): Promise<EntriesCheck> {
  const check = new EntriesPass(options);
  try {
    return await check.run();
  } finally {
    await check.close();
  }
}

/** Whole lines, and their chain hashes once they are made. */
interface HashedLines {
  readonly lines: Buffer;
  readonly hashes: Promise<Buffer>;
  /** Where the hashes are made. */
  readonly room: Buffer;
}

class EntriesPass {
  readonly #options: EntriesCheckOptions;
  readonly #batches = new LineBatches(LINE_BYTES_MAX);
  readonly #lines: LineCheck;
  readonly #responses: ResponseCheck;
  readonly #chain: RunningHash;
  readonly #tree: RunningHash;
  readonly #rooms = new SharedBlocks(hashesBytesMax(BATCH_BLOCK_BYTES));
  #ahead: HashedLines[] = [];

  constructor(options: EntriesCheckOptions) {
    const { hashing, openSegment, segmentCount, expectSegment } = options;
    this.#options = options;
    this.#lines = new LineCheck(options.protocols, options.sealed);
    this.#responses = new ResponseCheck({ hashing, openSegment, segmentCount, expectSegment });
    this.#chain = hashing.begin('chain');
    this.#tree = hashing.begin('tree');
  }

  async run(): Promise<EntriesCheck> {
    const problem = (await this.#followEntries()) ?? (await this.#end());
    return problem === undefined ? this.#facts() : { problem };
  }

  async close(): Promise<void> {
    await this.#responses.close();
  }

  async #followEntries(): Promise<Problem | undefined> {
    let unreadable: FrameUnreadable | undefined;
    try {
      const problem = await this.#readEntries();
      if (problem !== undefined) return problem;
    } catch (error) {
      if (!(error instanceof FrameUnreadable)) throw error;
      unreadable = error;
    }
    const last = this.#batches.end();
    if (last !== undefined) this.#ahead.push(this.#hash(last));
    // Lines that were read before may be wrong themselves, and then they are the first that do not hold.
    const problem = await this.#checkAhead(0);
    if (problem !== undefined) return problem;
    if (unreadable !== undefined) return frameProblem(unreadable, this.#lines.count);
    const next = this.#lines.count + 1;
    if (this.#batches.overlong) return entryProblem(next, 'Its line is longer than the format allows.');
    return this.#batches.restBytes > 0 ? entryProblem(next, 'Its line has no end.') : undefined;
  }

  async #readEntries(): Promise<Problem | undefined> {
    for await (const chunk of this.#options.entries) {
      const lines = this.#batches.push(chunk);
      if (lines !== undefined) this.#ahead.push(this.#hash(lines));
      if (this.#batches.overlong) return undefined;
      const problem = await this.#checkAhead(BATCHES_AHEAD);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  #hash(lines: Buffer): HashedLines {
    const room = this.#rooms.take(hashesBytesMax(lines.length));
    const made = Promise.all([this.#chain.update(lines, room), this.#tree.update(lines)]);
    const hashes = made.then(([chain]) => chain);
    // A check that stops at a problem waits for no more hashes.
    hashes.catch(() => undefined);
    return { lines, hashes, room };
  }

  /** Checks batches, the oldest first, until only so many wait. */
  async #checkAhead(waitingMax: number): Promise<Problem | undefined> {
    while (this.#ahead.length > waitingMax) {
      const next = this.#ahead.shift();
      if (next === undefined) break;
      this.#lines.accept(next.lines, await next.hashes);
      const problem = this.#lines.problem ?? (await this.#checkResponses());
      if (problem !== undefined) return problem;
      this.#batches.giveBack(next.lines);
      this.#rooms.giveBack(next.room);
    }
    return undefined;
  }

  #checkResponses(): Promise<Problem | undefined> {
    return this.#responses.check(this.#lines.drainResponses());
  }

  async #end(): Promise<Problem | undefined> {
    return this.#lines.end() ?? (await this.#checkResponses()) ?? (await this.#responses.end());
  }

  async #facts(): Promise<EntriesCheck> {
    const { opened, closed, firstAt, operations, sessions } = this.#lines.order;
    if (opened === undefined || closed === undefined) {
      return { problem: entryProblem(1, 'The recording has no beginning or no end.') };
    }
    const { count, bytes, lastAt, lastHash } = this.#lines;
    const [sha256, merkleRoot] = await Promise.all([this.#chain.end(), this.#tree.end()]);
    const entries = { count, bytes, sha256, firstAt, lastAt, lastHash, merkleRoot };
    const bodiesChecked = opened.format === 1 || this.#lines.protocol !== undefined;
    const { segments } = this.#responses;
    return { facts: { opened, closed, entries, segments, operations, sessions, bodiesChecked } };
  }
}
