import { isUtf8 } from 'node:buffer';
import { CHAIN_START } from '../chain/chain.js';
import type { BytesReference } from '../entries/entries.js';
import { EntryOrder, type OrderedEntry } from '../entries/entry-order.js';
import { EntryReader } from '../entries/entry-reader.js';
import { TIME_BYTES } from '../entries/json-walker.js';
import { usualEntryForm } from '../entries/usual-entry.js';
import { UsualLineReader } from '../entries/usual-line.js';
import { readUsualLine1 } from '../format-1/usual-line.js';
import type { RecordedProtocol, RecordedProtocols } from '../recorded-protocol.js';
import { entryProblem, type Problem } from './problem.js';

const SHA256_DIGITS = 64;
const NEWLINE = 0x0a;

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
  /** Reads nearly all lines in place of the parser, where it knows their format and their bodies. */
  #usual: UsualLineReader | undefined;
  #count = 0;
  #bytes = 0;
  /** The lines that are being checked, and whether they are UTF-8. */
  #lines: Buffer = Buffer.alloc(0);
  #isText = true;
  /** Chain hashes, hex, one after the other: of the line before these, and of these. */
  #hashes: Buffer = Buffer.from(CHAIN_START);
  /** Where among them that of the last line stands. */
  #hashAt = 0;
  /** Of the last line, and of the one before the first of these hashes. */
  #lastHash = CHAIN_START;
  #hashBeforeThese = CHAIN_START;
  #lastAt = '';
  /** Where in these lines the last time stands, as long as `lastAt` does not have it. */
  #lastAtPlace: number | undefined;
  #suspects: Suspects | undefined;
  #problem: Problem | undefined;
  #responses: PendingResponse[] = [];
  /** So many of them are of lines that the line after them has confirmed. */
  #confirmed = 0;

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

  /** The time of the last entry. */
  get lastAt(): string {
    return this.#lastAt;
  }

  /** Once the lines are checked that were given. */
  get lastHash(): string {
    return this.#lastHash;
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
    const drained = this.#responses.splice(0, this.#confirmed);
    this.#confirmed = 0;
    return drained;
  }

  /**
   * Takes the next whole lines, each with its newline, and their chain hashes as `HashJob` gives them. Stops where a
   * problem is known; no more lines are wanted then.
   */
  accept(lines: Buffer, hashes: Buffer): void {
    this.#lines = lines;
    this.#hashes = hashes;
    this.#hashAt = 0;
    // A newline is part of no other character: all lines are UTF-8 when the whole is.
    this.#isText = isUtf8(lines);
    this.#usual?.begin(lines, hashes);
    for (let start = 0; start < lines.length;) {
      const end = this.#acceptUsual(start) ?? this.#acceptAny(start);
      if (this.#problem !== undefined) return;
      this.#hashAt += SHA256_DIGITS;
      this.#count += 1;
      this.#bytes += end + 1 - start;
      start = end + 1;
    }
    this.#keepLast();
  }

  /** What is known of the last line, whose bytes will be others'. */
  #keepLast(): void {
    this.#hashBeforeThese = this.#hashBefore();
    this.#lastHash = this.#hashFrom(this.#hashAt);
    if (this.#lastAtPlace === undefined) return;
    this.#lastAt = this.#lines.toString('latin1', this.#lastAtPlace, this.#lastAtPlace + TIME_BYTES);
    this.#lastAtPlace = undefined;
  }

  #hashFrom(at: number): string {
    return this.#hashes.toString('latin1', at, at + SHA256_DIGITS);
  }

  /** That of the line before the last. */
  #hashBefore(): string {
    return this.#hashAt === 0 ? this.#hashBeforeThese : this.#hashFrom(this.#hashAt - SHA256_DIGITS);
  }

  /** Gives where the line ends that begins here; undefined when it is not a usual line in its place. */
  #acceptUsual(start: number): number | undefined {
    const place = this.#count + 1;
    if (this.#usual === undefined || !this.#isText || this.#suspects !== undefined) return undefined;
    if (this.#sealed !== undefined && place > this.#sealed.count) return undefined;
    const entry = this.#usual.read(start, place, this.#hashAt);
    if (entry === undefined) return undefined;
    this.#lastAtPlace = this.#usual.timeAt;
    this.#follow(place, entry);
    return this.#usual.end;
  }

  /** Gives where the line ends that begins here. */
  #acceptAny(start: number): number {
    const place = this.#count + 1;
    const end = this.#lines.indexOf(NEWLINE, start);
    const line = this.#lines.subarray(start, end);
    const hash = this.#hashFrom(this.#hashAt + SHA256_DIGITS);
    this.#lastHash = this.#hashFrom(this.#hashAt);
    const parsed =
      this.#isText || isUtf8(line) ? this.#parser.parse(line) : { chain: undefined, wrong: 'is not UTF-8' };
    const chain = 'entry' in parsed ? parsed.entry : parsed.chain;
    this.#problem =
      this.#resolveSuspects(chain?.prev) ??
      this.#checkPlace(place, chain, { line, hash }) ??
      ('entry' in parsed ? undefined : entryProblem(place, `Its line ${parsed.wrong}.`));
    if (this.#problem !== undefined || this.#suspects !== undefined || !('entry' in parsed)) return end;
    this.#lastAt = parsed.entry.at;
    this.#lastAtPlace = undefined;
    this.#follow(place, parsed.entry);
    if (place === 1) this.#beginUsual();
    return end;
  }

  /** After the first line, which says in which format the others are and whose bodies they have. */
  #beginUsual(): void {
    const { format, protocol } = this.#parser;
    const form = format === 1 ? readUsualLine1 : protocol === undefined ? undefined : usualEntryForm(protocol);
    if (form === undefined) return;
    this.#usual = new UsualLineReader(form);
    this.#usual.begin(this.#lines, this.#hashes);
  }

  /** Follows an entry that is in its place. */
  #follow(place: number, entry: OrderedEntry): void {
    this.#confirm();
    const wrong = this.order.accept(entry);
    if (wrong !== undefined) {
      this.#problem = entryProblem(place, wrong);
    } else if (entry.type === 'result') {
      this.#expect(place, entry.request);
      this.#expect(place, entry.response);
    } else if (entry.type === 'stream') {
      this.#expect(place, entry.data);
    }
  }

  #expect(entry: number, response: BytesReference | undefined): void {
    if (response !== undefined && response.kept > 0) this.#responses.push({ entry, response });
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
    if (this.#sealed !== undefined && this.#lastHash !== this.#sealed.lastHash) {
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
    this.#confirmed = this.#responses.length;
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
    if (chain.prev === this.#lastHash) return this.#checkHead(place, line);
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
    const head = `{"seq":${place},"prev":"${this.#lastHash}","at":"`;
    if (line.toString('latin1', 0, head.length) === head) return undefined;
    return entryProblem(place, 'Its line does not begin with its seq, its prev and its at.');
  }

  #misplaced(place: number, chain: { readonly seq: number; readonly prev: string }, hash: string): Problem | undefined {
    const here = `Entry ${place} should be here, and the line says that it is entry ${chain.seq}`;
    if (hash === this.#lastHash) return entryProblem(place, `${here}: it repeats the line before.`);
    if (chain.seq === place - 1 && chain.prev === this.#hashBefore()) {
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
