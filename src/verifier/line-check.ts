import { textOf } from './bytes.js';
import { LineReader, type Entry, type LinePlace } from './line-reader.js';
import { referencesOf, wrongReference, type BytesReference } from './references.js';
import type { Fields } from './shape.js';
import { entryProblem, failAtEntry, NotHolding, type Problem } from './verdict.js';

/** What the seal says about the lines. */
export interface SealedEnd {
  readonly count: number;
  readonly lastHash: string;
}

/** Kept bytes that an entry refers to. */
export interface PendingBytes {
  readonly entry: number;
  readonly reference: BytesReference;
}

/**
 * Two lines of which one must be wrong. The line after them, or the sealed last hash, knows the second: when it still has
 * the hash that is known of it, the first was changed.
 */
interface Suspects {
  readonly first: Problem;
  readonly second: Problem;
  readonly secondHash: string;
}

const CHAIN_START = '0'.repeat(64);

/**
 * Checks lines one after the other: form, number, chain, beginning and end. Throws `NotHolding` at the first entry that
 * does not hold.
 */
export class LineCheck {
  readonly #sealed: SealedEnd;
  readonly #reader = new LineReader();
  #count = 0;
  #hash = CHAIN_START;
  #hashBefore = CHAIN_START;
  #suspects: Suspects | undefined;
  #monoUs = 0;
  #first: Entry | undefined;
  #last: Entry | undefined;
  #operations = 0;
  #sessions = 0;
  #closed: Fields | undefined;
  /** Of lines that the line after them has confirmed. */
  #pending: PendingBytes[] = [];
  #unconfirmed: readonly PendingBytes[] = [];

  constructor(sealed: SealedEnd) {
    this.#sealed = sealed;
  }

  /** Undefined before the first line. */
  get format(): 1 | 2 | undefined {
    return this.#reader.format;
  }

  get count(): number {
    return this.#count;
  }

  get lastHash(): string {
    return this.#hash;
  }

  get operations(): number {
    return this.#operations;
  }

  get sessions(): number {
    return this.#sessions;
  }

  get first(): Entry | undefined {
    return this.#first;
  }

  get last(): Entry | undefined {
    return this.#last;
  }

  /** The references of the lines since the last call, in order, less those of the last line until `end`. */
  drainPending(): readonly PendingBytes[] {
    const drained = this.#pending;
    this.#pending = [];
    return drained;
  }

  /** Takes the next line, without its newline, and its digest. */
  accept(line: Uint8Array, hash: string): void {
    const place = this.#count + 1;
    const text = textOf(line);
    const read = text === undefined ? { place: undefined, wrong: 'is not UTF-8' } : this.#reader.read(text);
    this.#resolveSuspects(read.place?.prev);
    this.#checkPlace(place, read.place, { text: text ?? '', hash });
    if ('wrong' in read) return failAtEntry(place, `Its line ${read.wrong}.`);
    if (this.#suspects === undefined) {
      this.#confirm();
      this.#follow(place, read.entry);
    }
    this.#hashBefore = this.#hash;
    this.#hash = hash;
    this.#count = place;
  }

  /** Ends the lines: what is missing, and whether the last is the one that was sealed. */
  end(): void {
    this.#resolveSuspects(this.#sealed.lastHash);
    if (this.#count < this.#sealed.count) {
      failAtEntry(this.#count + 1, `It is missing: the seal covers ${this.#sealed.count} entries.`);
    }
    if (this.#hash !== this.#sealed.lastHash) {
      failAtEntry(this.#count, 'It is not the last entry that was sealed: it, or the chain up to it, was changed.');
    }
    if (this.#closed === undefined) failAtEntry(this.#count + 1, 'The recording does not end with grant.closed.');
    this.#confirm();
  }

  /** A changed line must not send the check of the bytes astray, which would blame a segment. */
  #confirm(): void {
    if (this.#unconfirmed.length === 0) return;
    this.#pending.push(...this.#unconfirmed);
    this.#unconfirmed = [];
  }

  #follow(place: number, entry: Entry): void {
    if (this.#closed !== undefined) {
      failAtEntry(place, 'It follows grant.closed, which is the last entry of a recording.');
    }
    if (entry.mono < this.#monoUs) failAtEntry(place, 'Its mono is less than that of the entry before.');
    if (place > 1 && entry.type === 'grant.opened') failAtEntry(place, 'The grant was opened already.');
    this.#monoUs = entry.mono;
    this.#first ??= entry;
    this.#last = entry;
    if (entry.type === 'operation' || entry.type === 'statement') this.#operations += 1;
    if (entry.type === 'session.opened') this.#sessions += 1;
    if (entry.type === 'grant.closed') this.#closed = entry;
    const references = referencesOf(entry);
    if (references.length === 0) return;
    const wrong = references.map(wrongReference).find((each) => each !== undefined);
    if (wrong !== undefined) failAtEntry(place, wrong);
    this.#unconfirmed = references.filter(({ kept }) => kept > 0).map((reference) => ({ entry: place, reference }));
  }

  #resolveSuspects(knownHash: string | undefined): void {
    if (this.#suspects === undefined) return;
    throw new NotHolding(knownHash === this.#suspects.secondHash ? this.#suspects.first : this.#suspects.second);
  }

  #checkPlace(
    place: number,
    said: LinePlace | undefined,
    { text, hash }: { readonly text: string; readonly hash: string },
  ): void {
    if (place > this.#sealed.count) failAtEntry(place, `It was added: the seal covers ${this.#sealed.count} entries.`);
    if (said === undefined) return;
    if (said.seq !== place) return this.#misplaced(place, said, hash);
    if (said.prev === this.#hash) return checkHead(place, text, this.#hash);
    if (place === 1) failAtEntry(1, 'Its prev is not 64 zeros.');
    this.#suspects = {
      first: entryProblem(place - 1, 'It was changed: the entry after it has another hash of it.'),
      second: entryProblem(place, 'It was changed: its prev is not the hash of the entry before.'),
      secondHash: hash,
    };
  }

  #misplaced(place: number, said: LinePlace, hash: string): void {
    const here = `Entry ${place} should be here, and the line says that it is entry ${said.seq}`;
    if (hash === this.#hash) failAtEntry(place, `${here}: it repeats the line before.`);
    if (said.seq === place - 1 && said.prev === this.#hashBefore) {
      // Two lines claim one place and both continue what came before: the one that the next line knows is the true one.
      this.#suspects = {
        first: entryProblem(place - 1, 'It was added: another line of the same number is the one that was chained.'),
        second: entryProblem(place, `${here}: it was added.`),
        secondHash: hash,
      };
      return;
    }
    const isMissing = said.seq === place + 1;
    failAtEntry(place, `${here}: ${isMissing ? `entry ${place} is missing` : 'lines were moved or changed'}.`);
  }
}

/** A reader that looks for an entry in the middle of the lines reads its number there and nothing else. */
function checkHead(place: number, text: string, hash: string): void {
  if (text.startsWith(`{"seq":${place},"prev":"${hash}","at":"`)) return;
  failAtEntry(place, 'Its line does not begin with its seq, its prev and its at.');
}
