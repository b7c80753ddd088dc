import { closeSync } from 'node:fs';
import { assert } from '../../kernel/assert.js';
import type { BytesReference } from '../entries/entries.js';
import { liveSegmentName } from './layout.js';
import type { RecordingLimits } from '../entries/limits.js';
import { OPEN, openOwnSync } from './own-files.js';
import type { Recovered } from './recovery.js';
import type { ResponseSink } from './response-capture.js';
import { PendingBytes } from './pending-bytes.js';
import type { Written } from './write-sync.js';

/** A finished response that waits for its entry. */
interface PlacedResponse {
  readonly slices: readonly Buffer[];
  readonly bytes: number;
  readonly segment: number;
  readonly offset: number;
}

interface QueuedBytes {
  readonly segment: number;
  readonly pending: PendingBytes;
}

export interface SegmentWriterOptions {
  readonly directory: string;
  readonly limits: RecordingLimits;
  readonly recovered: Recovered;
  /** Keeps files that are full open until `takeUnsynced` gives them out, to be synced and closed there. */
  readonly keepForSync: boolean;
}

/** The response segments of one live recording: the budgets, the places, the files. */
export class SegmentWriter implements ResponseSink {
  readonly #options: SegmentWriterOptions;
  #segment: number;
  #segmentBytes: number;
  #grantBytes: number;
  /** Captured, placed or queued, and not yet written. */
  #heldBytes = 0;
  #placed: PlacedResponse | undefined;
  #queue: QueuedBytes[] = [];
  #queuedBytes = 0;
  #file: { readonly segment: number; readonly fd: number } | undefined;
  #dirty = false;
  #full: number[] = [];

  constructor(options: SegmentWriterOptions) {
    this.#options = options;
    this.#segment = Math.max(options.recovered.segment, 1);
    this.#segmentBytes = options.recovered.segmentBytes;
    this.#grantBytes = options.recovered.responseBytes;
  }

  reserve(bytes: number): number {
    const { responseBytesPerGrantMax, responseBytesBufferedMax } = this.#options.limits;
    const room = Math.min(
      bytes,
      responseBytesPerGrantMax - this.#grantBytes,
      responseBytesBufferedMax - this.#heldBytes,
    );
    const granted = Math.max(0, room);
    this.#grantBytes += granted;
    this.#heldBytes += granted;
    return granted;
  }

  release(bytes: number): void {
    this.#grantBytes -= bytes;
    this.#heldBytes -= bytes;
  }

  /** A response that was placed before and whose entry was never appended leaves nothing behind. */
  place(slices: readonly Buffer[], bytes: number): PlacedResponse {
    this.#forgetPlaced();
    const fits = this.#segmentBytes === 0 || this.#segmentBytes + bytes <= this.#options.limits.segmentBytesMax;
    this.#placed = fits
      ? { slices, bytes, segment: this.#segment, offset: this.#segmentBytes }
      : { slices, bytes, segment: this.#segment + 1, offset: 0 };
    return this.#placed;
  }

  /** Bytes without an entry could never be told from bytes that someone added, so they are queued with their entry. */
  queue(response: BytesReference): void {
    const placed = this.#placed;
    assert(
      placed !== undefined && placed.segment === response.segment && placed.offset === response.offset,
      'a result carries the reference that was finished last',
    );
    this.#placed = undefined;
    this.#segment = placed.segment;
    this.#segmentBytes = placed.offset + placed.bytes;
    this.#queuedBytes += placed.bytes;
    const pending = this.#pendingFor(placed.segment);
    for (const slice of placed.slices) pending.append(slice);
  }

  /** Writes what is queued, most often by one system call. Throws what the system says. */
  write(): Written {
    let bytes = 0;
    let writes = 0;
    for (const { segment, pending } of this.#queue) {
      const written = pending.write(this.#open(segment));
      this.#dirty = true;
      bytes += written.bytes;
      writes += written.writes;
    }
    if (bytes > 0) this.#clearQueue();
    return { bytes, writes };
  }

  /** Forgets what was not written. */
  drop(): void {
    this.#forgetPlaced();
    this.#clearQueue();
  }

  /** Files with bytes that no sync has covered; those that are full are the caller's to close after it. */
  takeUnsynced(): readonly { readonly fd: number; readonly full: boolean }[] {
    const files = this.#full.map((fd) => ({ fd, full: true }));
    this.#full = [];
    if (this.#dirty && this.#file !== undefined) files.push({ fd: this.#file.fd, full: false });
    this.#dirty = false;
    return files;
  }

  close(): void {
    for (const fd of this.#full) closeSync(fd);
    if (this.#file !== undefined) closeSync(this.#file.fd);
    this.#full = [];
    this.#file = undefined;
  }

  #pendingFor(segment: number): PendingBytes {
    const last = this.#queue.at(-1);
    if (last?.segment === segment) return last.pending;
    const pending = new PendingBytes();
    this.#queue.push({ segment, pending });
    return pending;
  }

  #open(segment: number): number {
    if (this.#file?.segment === segment) return this.#file.fd;
    if (this.#file !== undefined) {
      if (this.#options.keepForSync) this.#full.push(this.#file.fd);
      else closeSync(this.#file.fd);
      this.#file = undefined;
    }
    const fd = openOwnSync(this.#options.directory, liveSegmentName(segment), OPEN.append);
    this.#file = { segment, fd };
    return fd;
  }

  #forgetPlaced(): void {
    if (this.#placed !== undefined) this.release(this.#placed.bytes);
    this.#placed = undefined;
  }

  #clearQueue(): void {
    for (const { pending } of this.#queue) pending.clear();
    this.#queue = [];
    this.#heldBytes -= this.#queuedBytes;
    this.#queuedBytes = 0;
  }
}
