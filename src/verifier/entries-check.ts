import { sha256 } from '@noble/hashes/sha2.js';
import { hexOf } from './bytes.js';
import { FrameUnreadable } from './frames.js';
import { LineCheck } from './line-check.js';
import { LineSplitter } from './line-splitter.js';
import type { Manifest } from './manifest.js';
import { MerkleTree } from './merkle-tree.js';
import { SegmentCheck, type OpenSegment } from './segment-check.js';
import { same } from './shape.js';
import { fail, failAtEntry } from './verdict.js';

/** The bytes of responses are looked at after so many bytes of lines: a wrong line is named before what it refers to. */
const BATCH_BYTES = 1024 * 1024;

/** Goes through all lines, and with them through the segments, in one pass. Throws `NotHolding`. */
export class EntriesCheck {
  readonly #manifest: Manifest;
  readonly #lines: LineCheck;
  readonly #segments: SegmentCheck;
  readonly #splitter = new LineSplitter();
  readonly #all = sha256.create();
  readonly #tree = new MerkleTree();
  #bytes = 0;
  #bytesSinceBatch = 0;

  constructor(manifest: Manifest, openSegment: OpenSegment) {
    this.#manifest = manifest;
    this.#lines = new LineCheck(manifest.lines);
    this.#segments = new SegmentCheck(openSegment, manifest);
  }

  /** Of the lines; undefined before the first. */
  get format(): 1 | 2 | undefined {
    return this.#lines.format;
  }

  /** All lines, each in its place, and the bytes that they refer to. */
  async run(lines: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      await this.#follow(lines);
      this.#lines.end();
      await this.#checkSegments();
      await this.#segments.end();
    } finally {
      await this.#segments.close();
    }
  }

  /** What the manifest says of all lines together. After the frames, which are named first where they were changed. */
  compare(): void {
    const { first, last, operations, sessions } = this.#lines;
    const { container, lines: said, repeated } = this.#manifest;
    const found = {
      count: this.#lines.count,
      bytes: this.#bytes,
      sha256: hexOf(this.#all.digest()),
      firstAt: first?.at,
      lastAt: last?.at,
      lastHash: this.#lines.lastHash,
      merkleRoot: this.#tree.root(),
    };
    const pairs: readonly (readonly [string, unknown, unknown])[] = [
      ['entries', found, said],
      [container === 1 ? 'statements' : 'operations', operations, this.#manifest.operations],
      ['sessions', sessions, this.#manifest.sessions],
      ['grant', first?.['grant'], repeated['grant']],
      ['principal', first?.['principal'], repeated['principal']],
      ['task', first?.['task'], repeated['task']],
      ['target', first?.['target'], repeated['target']],
      ['closeReason', last?.['reason'], repeated['closeReason']],
      ['interrupted', last?.['interrupted'], repeated['interrupted']],
    ];
    const different = pairs.find(([, now, sealed]) => !same(now, sealed));
    if (different !== undefined) fail('manifest', `Its ${different[0]} is not what the entries say.`);
  }

  async #follow(lines: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      for await (const part of lines) {
        this.#takeLines(part);
        if (this.#splitter.isOverlong) break;
        if (this.#bytesSinceBatch >= BATCH_BYTES) await this.#checkSegments();
      }
    } catch (error) {
      if (!(error instanceof FrameUnreadable)) throw error;
      // What the lines before it refer to comes before it.
      await this.#checkSegments();
      fail(`frame ${error.frame}`, `It ${error.what}. The ${this.#lines.count} entries before it hold.`);
    }
    const next = this.#lines.count + 1;
    if (this.#splitter.isOverlong || this.#splitter.restBytes > 0) await this.#checkSegments();
    if (this.#splitter.isOverlong) failAtEntry(next, 'Its line is longer than the format allows.');
    if (this.#splitter.restBytes > 0) failAtEntry(next, 'Its line has no end.');
  }

  #takeLines(part: Uint8Array): void {
    this.#all.update(part);
    this.#bytes += part.length;
    this.#bytesSinceBatch += part.length;
    for (const line of this.#splitter.push(part)) {
      this.#tree.add(line);
      this.#lines.accept(line, hexOf(sha256(line)));
    }
  }

  async #checkSegments(): Promise<void> {
    this.#bytesSinceBatch = 0;
    await this.#segments.check(this.#lines.drainPending());
  }
}
