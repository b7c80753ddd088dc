import { isUtf8 } from 'node:buffer';
import { CHAIN_START } from '../chain/chain.js';
import { referencesOf, type BytesReference } from '../entries/entries.js';
import { EntryOrder } from '../entries/entry-order.js';
import { EntryReader } from '../entries/entry-reader.js';
import type { RecordedProtocol, RecordedProtocols } from '../recorded-protocol.js';
import { entryProblem, type Problem } from './problem.js';

/** What the seal says about the lines, known before they are read. */
export interface SealedEnd {
  readonly count: number;
  readonly lastHash: string;
}

/** Kept bytes that an entry refers to. */
export interface PendingResponse {
  readonly entry: number;
  readonly response: BytesReference;
}

/**
 * Two lines of which one must be wrong. The line after them, or the sealed last hash, knows the second: when it still
 * has the hash that is known of it, the first was changed.
 */
interface Suspects {
  readonly first: Problem;
  readonly second: Problem;
  readonly secondHash: string;
}

/** Checks lines one after the other: form, number, chain, order. Stops at the first entry that does not hold. */
export class LineCheck {
  readonly #sealed: SealedEnd | undefined;
  readonly order: EntryOrder;
  readonly #parser: EntryReader;
  #count = 0;
  #bytes = 0;
  #hash = CHAIN_START;
  #hashBefore = CHAIN_START;
  #suspects: Suspects | undefined;
  #problem: Problem | undefined;
  /** Of lines that the line after them has confirmed. */
  #responses: PendingResponse[] = [];
  #unconfirmed: readonly PendingResponse[] = [];

  constructor(protocols: RecordedProtocols, sealed?: SealedEnd) {
    this.order = new EntryOrder(protocols);
    this.#parser = new EntryReader(protocols);
    this.#sealed = sealed;
  }

  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get lastHash(): string {
    return this.#hash;
  }

  /** The protocol by which the bodies were checked; undefined where this build does not have it. */
  get protocol(): RecordedProtocol | undefined {
    return this.#parser.protocol;
  }

  get problem(): Problem | undefined {
    return this.#problem;
  }

  /** The references of the lines since the last call, in order, less that of the last line until `end`. */
  drainResponses(): readonly PendingResponse[] {
    const drained = this.#responses;
    this.#responses = [];
    return drained;
  }

  /** Takes the next line and its chain hash; false when a problem is known and no more lines are wanted. */
  accept(line: Buffer, hash: string): boolean {
    const place = this.#count + 1;
    const parsed = isUtf8(line) ? this.#parser.parse(line) : { chain: undefined, wrong: 'is not UTF-8' };
    const chain = 'entry' in parsed ? parsed.entry : parsed.chain;
    this.#problem =
      this.#resolveSuspects(chain?.prev) ??
      this.#checkPlace(place, chain, { line, hash }) ??
      ('entry' in parsed ? undefined : entryProblem(place, `Its line ${parsed.wrong}.`));
    if (this.#problem !== undefined) return false;
    if (this.#suspects === undefined && 'entry' in parsed) {
      this.#confirm();
      const wrong = this.order.accept(parsed.entry);
      if (wrong !== undefined) {
        this.#problem = entryProblem(place, wrong);
        return false;
      }
      const references = referencesOf(parsed.entry);
      if (references.length > 0) this.#unconfirmed = keptOf(place, references);
    }
    this.#hashBefore = this.#hash;
    this.#hash = hash;
    this.#count = place;
    this.#bytes += line.length + 1;
    return true;
  }

  /** Ends the lines: what is missing, and whether the last is the one that was sealed. */
  end(): Problem | undefined {
    this.#problem ??= this.#checkEnd();
    return this.#problem;
  }

  #checkEnd(): Problem | undefined {
    const suspect = this.#resolveSuspects(this.#sealed?.lastHash);
    if (suspect !== undefined) return suspect;
    if (this.#sealed !== undefined && this.#count < this.#sealed.count) {
      return entryProblem(this.#count + 1, `It is missing: the seal covers ${this.#sealed.count} entries.`);
    }
    if (this.#sealed !== undefined && this.#hash !== this.#sealed.lastHash) {
      return entryProblem(
        this.#count,
        'It is not the last entry that was sealed: it, or the chain up to it, was changed.',
      );
    }
    if (this.order.closed === undefined)
      return entryProblem(this.#count + 1, 'The recording does not end with grant.closed.');
    this.#confirm();
    return undefined;
  }

  /** A changed line must not send the check of the responses astray, which would blame a segment. */
  #confirm(): void {
    if (this.#unconfirmed.length === 0) return;
    this.#responses.push(...this.#unconfirmed);
    this.#unconfirmed = [];
  }

  #resolveSuspects(knownHash: string | undefined): Problem | undefined {
    if (this.#suspects === undefined) return undefined;
    return knownHash === this.#suspects.secondHash ? this.#suspects.first : this.#suspects.second;
  }

  #checkPlace(
    place: number,
    chain: { readonly seq: number; readonly prev: string } | undefined,
    { line, hash }: { readonly line: Buffer; readonly hash: string },
  ): Problem | undefined {
    if (this.#sealed !== undefined && place > this.#sealed.count) {
      return entryProblem(place, `It was added: the seal covers ${this.#sealed.count} entries.`);
    }
    if (chain === undefined) return undefined;
    if (chain.seq !== place) return this.#misplaced(place, chain, hash);
    if (chain.prev === this.#hash) return this.#checkHead(place, line);
    if (place === 1) return entryProblem(1, 'Its prev is not 64 zeros.');
    this.#suspects = {
      first: entryProblem(place - 1, 'It was changed: the entry after it has another hash of it.'),
      second: entryProblem(place, 'It was changed: its prev is not the hash of the entry before.'),
      secondHash: hash,
    };
    return undefined;
  }

  /** A reader that looks for an entry in the middle of the lines reads its number there and nothing else. */
  #checkHead(place: number, line: Buffer): Problem | undefined {
    const head = `{"seq":${place},"prev":"${this.#hash}","at":"`;
    if (line.toString('latin1', 0, head.length) === head) return undefined;
    return entryProblem(place, 'Its line does not begin with its seq, its prev and its at.');
  }

  #misplaced(place: number, chain: { readonly seq: number; readonly prev: string }, hash: string): Problem | undefined {
    const here = `Entry ${place} should be here, and the line says that it is entry ${chain.seq}`;
    if (hash === this.#hash) return entryProblem(place, `${here}: it repeats the line before.`);
    if (chain.seq === place - 1 && chain.prev === this.#hashBefore) {
      // Two lines claim one place and both continue what came before: the one that the next line knows is the true one.
      this.#suspects = {
        first: entryProblem(place - 1, 'It was added: another line of the same number is the one that was chained.'),
        second: entryProblem(place, `${here}: it was added.`),
        secondHash: hash,
      };
      return undefined;
    }
    return entryProblem(
      place,
      chain.seq === place + 1 ? `${here}: entry ${place} is missing.` : `${here}: lines were moved or changed.`,
    );
  }
}

function keptOf(entry: number, references: readonly BytesReference[]): readonly PendingResponse[] {
  return references.filter(({ kept }) => kept > 0).map((response) => ({ entry, response }));
}
