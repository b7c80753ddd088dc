import { CHAIN_START, chainHash } from '../recording/chain/chain.js';
import type { Checkpoint } from './checkpoint.js';
import { entryIn, LINE_BYTES_MAX, type WrittenEntry } from './entry-line.js';

/** A place in the chain: the entry of this number has this chain hash. */
export interface ChainPosition {
  readonly seq: number;
  readonly hash: string;
}

/** Before the first entry. */
export const RECORD_START: ChainPosition = { seq: 0, hash: CHAIN_START };

/** The first thing that does not hold in the administrative record. */
export interface RecordProblem {
  /** The entry that is damaged, missing, added or out of order. */
  readonly entry: number;
  /** One sentence. */
  readonly what: string;
}

/** Follows the chain line by line, in order. After a problem nothing more is told. */
export class RecordCheck {
  #point: ChainPosition;
  #last: WrittenEntry | undefined;
  readonly #from: ChainPosition;

  constructor(from: ChainPosition = RECORD_START) {
    this.#from = from;
    this.#point = from;
  }

  /** The last entry that was taken, or where this check began. */
  get point(): ChainPosition {
    return this.#point;
  }

  get last(): WrittenEntry | undefined {
    return this.#last;
  }

  get entries(): number {
    return this.#point.seq - this.#from.seq;
  }

  /** Takes the next line, without its newline. */
  take(line: string): RecordProblem | undefined {
    const before = this.#point;
    const seq = before.seq + 1;
    const entry = Buffer.byteLength(line) > LINE_BYTES_MAX ? undefined : entryIn(line);
    if (entry === undefined) return { entry: seq, what: `Entry ${seq} is not in the form of an entry.` };
    if (entry.seq > seq) return { entry: seq, what: `Entry ${seq} is missing: entry ${entry.seq} is in its place.` };
    if (entry.seq < seq) {
      return { entry: entry.seq, what: `Entry ${entry.seq} comes again, or out of order, after entry ${before.seq}.` };
    }
    if (entry.prev !== before.hash) return brokenChain(before.seq, seq, this.#from.seq);
    this.#point = { seq, hash: chainHash(line) };
    this.#last = entry;
    return undefined;
  }

  /** Holds a checkpoint against the entry that was taken last. */
  passes({ seq, hash, at }: Checkpoint): RecordProblem | undefined {
    const { point } = this;
    if (seq > point.seq) {
      return { entry: point.seq + 1, what: `Entry ${point.seq + 1} is missing: entry ${seq} was signed for at ${at}.` };
    }
    if (seq < point.seq) return { entry: seq, what: `The checkpoint of entry ${seq} is out of order.` };
    if (hash === point.hash) return undefined;
    return {
      entry: seq,
      what: `Entry ${seq} is not the one that was signed for at ${at}, or one before it was changed.`,
    };
  }
}

function brokenChain(before: number, seq: number, from: number): RecordProblem {
  if (before === 0) return { entry: seq, what: 'Entry 1 is not the beginning of a chain.' };
  if (before === from) return { entry: seq, what: `Entry ${seq} does not follow what it is said to follow.` };
  return { entry: before, what: `Entry ${before} was changed: entry ${seq} covers another one by its hash.` };
}
