import { closeSync, fsyncSync, ftruncateSync, fstatSync, readSync } from 'node:fs';
import { z } from 'zod';
import { BrokerError } from '../../kernel/errors.js';
import { CHAIN_START, chainHash } from '../chain/chain.js';
import { FORMAT } from '../entries/entries.js';
import { ENTRIES_NAME, TORN_NAME, liveSegmentName } from './layout.js';
import { LINE_BYTES_MAX } from '../entries/limits.js';
import { LineSplitter } from '../chain/lines.js';
import { OPEN, openOwnSync, ownNames, readOwn, replaceOwn } from './own-files.js';

/** Where a live recording stands after its torn end was cut. */
export interface Recovered {
  /** In which format its lines are; that of new recordings when there is none. */
  readonly format: 1 | 2;
  /** The last whole line: its number and hash; 0 and `CHAIN_START` when there is none. */
  readonly seq: number;
  readonly hash: string;
  readonly monoUs: number;
  readonly entriesBytes: number;
  /** The segment that the next response goes to, and its bytes; 0 when there is none yet. */
  readonly segment: number;
  readonly segmentBytes: number;
  readonly responseBytes: number;
  /** All bytes that this and earlier recoveries cut. */
  readonly tornBytes: number;
}

const reference = z.object({ kept: z.int(), segment: z.int(), offset: z.int() });
type Reference = z.infer<typeof reference>;

/** What the lines of both formats have in common. */
const chainedLine = z.looseObject({
  seq: z.int().positive(),
  prev: z.string(),
  mono: z.number(),
  /** Of the first line. */
  format: z.union([z.literal(1), z.literal(2)]).exactOptional(),
  request: reference.exactOptional(),
  response: reference.exactOptional(),
  data: reference.exactOptional(),
});
type ChainedLine = z.infer<typeof chainedLine>;

const cutSchema = z.strictObject({ file: z.string(), at: z.int().nonnegative(), bytes: z.int().positive() });
const tornSchema = z.strictObject({ cuts: z.array(cutSchema) });
type Cut = z.infer<typeof cutSchema>;

const READ_BYTES = 1024 * 1024;

/**
 * Cuts what a killed writer left unfinished: bytes after the last newline, lines at the very end that do not parse or
 * chain, lines whose response bytes never reached the segment, and response bytes that no line refers to. What it cuts is
 * noted in `torn.json` first. Damage with whole lines after it is no torn end: it throws and changes nothing.
 */
export function recoverLive(directory: string): Recovered {
  const segments = liveSegmentBytes(directory);
  const good = scan(directory, segments);
  const cuts: Cut[] = [];
  if (good.fileBytes > good.entriesBytes) {
    cuts.push({ file: ENTRIES_NAME, at: good.entriesBytes, bytes: good.fileBytes - good.entriesBytes });
  }
  segments.forEach((bytes, index) => {
    const number = index + 1;
    const used = number < good.segment ? bytes : number === good.segment ? good.segmentBytes : 0;
    if (bytes > used) cuts.push({ file: liveSegmentName(number), at: used, bytes: bytes - used });
  });
  const tornBytes = noteCuts(directory, cuts);
  for (const cut of cuts) truncate(directory, cut);
  return { ...good, tornBytes };
}

/** Bytes that recoveries of this live recording have cut. */
export function readTornBytes(directory: string): number {
  return sumOf(readCuts(directory));
}

/** The bytes of each segment file, in order from 1. */
export function liveSegmentBytes(directory: string): number[] {
  const names = new Set(ownNames(directory));
  const sizes: number[] = [];
  for (let number = 1; names.has(liveSegmentName(number)); number += 1) {
    sizes.push(ownFileBytes(directory, liveSegmentName(number)));
  }
  return sizes;
}

/** How large a file of the live recording is. */
export function ownFileBytes(directory: string, name: string): number {
  const fd = openOwnSync(directory, name, OPEN.read);
  try {
    return fstatSync(fd).size;
  } finally {
    closeSync(fd);
  }
}

type Scanned = Omit<Recovered, 'tornBytes'> & { readonly fileBytes: number };

function scan(directory: string, segments: readonly number[]): Scanned {
  const fd = openOwnSync(directory, ENTRIES_NAME, OPEN.read);
  try {
    const position = new LivePosition(segments);
    const splitter = new LineSplitter(LINE_BYTES_MAX);
    const chunk = Buffer.allocUnsafe(READ_BYTES);
    for (;;) {
      const got = readSync(fd, chunk, 0, chunk.length, null);
      if (got === 0) break;
      splitter.push(chunk.subarray(0, got), (line) => position.accept(line));
      if (splitter.overlong) break;
    }
    return { ...position.reached(), fileBytes: fstatSync(fd).size };
  } finally {
    closeSync(fd);
  }
}

/** Follows the lines of a live recording up to the first that does not hold. */
class LivePosition {
  readonly #segments: readonly number[];
  #format: 1 | 2 = FORMAT;
  #seq = 0;
  #hash = CHAIN_START;
  #monoUs = 0;
  #entriesBytes = 0;
  #segment = 0;
  #segmentBytes = 0;
  #responseBytes = 0;
  #broken = false;

  constructor(segments: readonly number[]) {
    this.#segments = segments;
  }

  reached(): Omit<Scanned, 'fileBytes'> {
    return {
      format: this.#format,
      seq: this.#seq,
      hash: this.#hash,
      monoUs: this.#monoUs,
      entriesBytes: this.#entriesBytes,
      segment: this.#segment,
      segmentBytes: this.#segmentBytes,
      responseBytes: this.#responseBytes,
    };
  }

  accept(line: Buffer): boolean {
    const fields = parseChained(line);
    if (this.#broken) {
      if (fields !== undefined && this.#bytesPresent(fields)) throw damaged(this.#seq + 1);
      return true;
    }
    if (
      fields === undefined ||
      fields.seq !== this.#seq + 1 ||
      fields.prev !== this.#hash ||
      !this.#bytesPresent(fields)
    ) {
      this.#broken = true;
      return true;
    }
    if (fields.seq === 1 && fields.format !== undefined) this.#format = fields.format;
    this.#seq = fields.seq;
    this.#hash = chainHash(line);
    this.#monoUs = fields.mono;
    this.#entriesBytes += line.length + 1;
    for (const { segment, offset, kept } of keptIn(fields)) {
      this.#segment = segment;
      this.#segmentBytes = offset + kept;
      this.#responseBytes += kept;
    }
    return true;
  }

  #bytesPresent(fields: ChainedLine): boolean {
    return keptIn(fields).every(({ segment, offset, kept }) => {
      const bytes = this.#segments[segment - 1];
      return bytes !== undefined && offset + kept <= bytes;
    });
  }
}

/** The bytes that a line refers to, in the order in which the segments have them. */
function keptIn({ request, response, data }: ChainedLine): readonly Reference[] {
  return [request, response, data].filter((given): given is Reference => given !== undefined && given.kept > 0);
}

function parseChained(line: Buffer): ChainedLine | undefined {
  try {
    return chainedLine.parse(JSON.parse(line.toString('utf8')));
  } catch {
    return undefined;
  }
}

function damaged(entry: number): BrokerError {
  return new BrokerError('recording_unavailable', {
    detail: `Entry ${entry} of the live recording is damaged, and whole entries follow it.`,
  });
}

/** Adds the cuts to `torn.json` before they are made, so that a second run after a crash counts none twice or never. */
function noteCuts(directory: string, cuts: readonly Cut[]): number {
  const noted = readCuts(directory);
  const fresh = cuts.filter(
    (cut) => !noted.some((old) => old.file === cut.file && old.at === cut.at && old.bytes === cut.bytes),
  );
  if (fresh.length > 0) {
    replaceOwn(directory, TORN_NAME, JSON.stringify({ cuts: [...noted, ...fresh] }));
  }
  return sumOf([...noted, ...fresh]);
}

function readCuts(directory: string): readonly Cut[] {
  const text = readOwn(directory, TORN_NAME);
  return text === undefined ? [] : tornSchema.parse(JSON.parse(text)).cuts;
}

function sumOf(cuts: readonly Cut[]): number {
  return cuts.reduce((sum, cut) => sum + cut.bytes, 0);
}

function truncate(directory: string, { file, at }: Cut): void {
  const fd = openOwnSync(directory, file, OPEN.change);
  try {
    ftruncateSync(fd, at);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
