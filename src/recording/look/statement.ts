import type {
  ApprovalAsked,
  ApprovalDecided,
  ChainFields,
  Entry,
  Forwarded,
  ResultEntry,
  TypedEntry,
} from '../entries/entries.js';
import type { EntryReader } from '../entries/entry-reader.js';
import { chainHash } from '../chain/chain.js';
import type { EntrySource } from '../verify/reader.js';
import { findOperation, type ReadOperation } from './find-operation.js';
import { parsedLine, type RawLine, rawLines } from './raw-lines.js';

/** Entries of a session that are read for its statement's result, and lines of others that are passed over meanwhile. */
const LOOKED_MAX = 200_000;

/** Whether an entry and those next to it fit together. */
export interface ChainLook {
  readonly prev: string;
  /** The digest of the entry before; null for the first. */
  readonly before: string | null;
  readonly digest: string;
  /** Whether the entry after it names that digest; null while there is none. */
  readonly after: boolean | null;
}

export type NoResult = 'denied' | 'not-forwarded' | 'waits' | 'runs' | 'not-recorded' | 'far-away';

/** A statement with the entries that are about it. */
export interface StatementLook {
  readonly operation: ReadOperation;
  readonly chain: ChainLook;
  readonly asked: (ChainFields & ApprovalAsked) | undefined;
  readonly decided: (ChainFields & ApprovalDecided) | undefined;
  readonly forwarded: (ChainFields & Forwarded) | undefined;
  readonly result: (ChainFields & ResultEntry) | undefined;
  /** Why there is no result; null where there is one. */
  readonly noResult: NoResult | null;
}

export interface StatementLookOptions {
  readonly number: number;
  /** The recording goes on: what is not there may come. */
  readonly isLive: boolean;
  /** A session has one operation at a time, so that the next one ends the wait for a result. */
  readonly hasOneInFlight: boolean;
}

/** Finds a statement by its number, and what came of it; undefined when there is none. */
export async function lookAtStatement(
  source: EntrySource,
  reader: EntryReader,
  options: StatementLookOptions,
): Promise<StatementLook | undefined> {
  const operation = await findOperation(source, reader, options.number);
  if (operation === undefined) return undefined;
  const about = new About(operation, options.hasOneInFlight);
  const { seq } = operation.entry;
  const around: { before?: Buffer; own?: Buffer; after?: boolean } = {};
  let end: 'told' | 'end' | 'far-away' = 'end';
  reading: for await (const lines of rawLines(source, Math.max(1, seq - 1))) {
    for (const raw of lines) {
      if (raw.seq < seq) around.before = raw.line;
      else if (raw.seq === seq) around.own = raw.line;
      else {
        if (raw.seq === seq + 1) around.after = namesDigest(raw, digestOf(around.own));
        if (about.take(raw, reader)) end = 'told';
        else if (raw.seq - seq > LOOKED_MAX) end = 'far-away';
        if (end !== 'end') break reading;
      }
    }
  }
  const chain = {
    prev: operation.entry.prev,
    before: around.before === undefined ? null : chainHash(around.before),
    digest: digestOf(around.own),
    after: around.after ?? null,
  };
  const { asked, decided, forwarded, result } = about;
  const noResult = result === undefined ? noResultOf(about, end, options.isLive) : null;
  return { operation, chain, asked, decided, forwarded, result, noResult };
}

function digestOf(line: Buffer | undefined): string {
  return line === undefined ? '' : chainHash(line);
}

function namesDigest({ line }: RawLine, digest: string): boolean {
  return line.includes(`"prev":"${digest}"`);
}

/** What comes after an operation and is about it. */
class About {
  asked: StatementLook['asked'];
  decided: StatementLook['decided'];
  forwarded: StatementLook['forwarded'];
  result: StatementLook['result'];
  readonly operation: TypedEntry<'operation'>;
  readonly #hasOneInFlight: boolean;
  readonly #session: string;

  constructor({ entry }: ReadOperation, hasOneInFlight: boolean) {
    this.operation = entry;
    this.#hasOneInFlight = hasOneInFlight;
    this.#session = `"session":${entry.session}`;
  }

  /** True when nothing more can come. */
  take(raw: RawLine, reader: EntryReader): boolean {
    if (reader.format === 2 && !raw.line.includes(this.#session) && !raw.line.includes(CLOSED)) return false;
    const { entry } = parsedLine(reader, raw);
    if (entry.type === 'grant.closed') return true;
    if (!('session' in entry) || entry.session !== this.operation.session) return false;
    return entry.type === 'session.closed' || (this.#hasOneInFlight && isNext(entry)) || this.#isAnswered(entry);
  }

  #isAnswered(entry: Entry): boolean {
    if (!('operation' in entry) || entry.operation !== this.operation.operation) return false;
    if (entry.type === 'approval.asked') this.asked = entry;
    else if (entry.type === 'approval.decided') this.decided = entry;
    else if (entry.type === 'forwarded') this.forwarded = entry;
    else if (entry.type === 'result') this.result = entry;
    return entry.type === 'result';
  }
}

const CLOSED = '"type":"grant.closed"';

function isNext({ type }: Entry): boolean {
  return type === 'operation' || type === 'note';
}

function noResultOf({ operation, forwarded }: About, end: 'told' | 'end' | 'far-away', isLive: boolean): NoResult {
  if (operation.verdict === 'deny') return 'denied';
  if (end === 'far-away') return 'far-away';
  const isForwarded = operation.verdict === 'allow' || forwarded !== undefined;
  if (isLive && end === 'end') return isForwarded ? 'runs' : 'waits';
  return isForwarded ? 'not-recorded' : 'not-forwarded';
}
