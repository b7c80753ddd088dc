import { closeSync, fdatasync } from 'node:fs';
import type { SegmentWriter } from './segment-writer.js';

export interface GroupCommitOptions {
  readonly entriesFd: number;
  readonly segments: SegmentWriter;
  /** Told once when a sync fails; nothing is released after it. */
  readonly onFailure: (cause: unknown) => void;
}

/** Puts what was written on the disk: one sync at a time, and what comes meanwhile is covered by the next. */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  #waiting: (() => void)[] = [];
  #written = false;
  #failed = false;
  #running: Promise<void> | undefined;
  #syncs = 0;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
  }

  /** Syncs of entries that were done. */
  get syncs(): number {
    return this.#syncs;
  }

  /** Syncs what was written until now and then runs the callbacks, after all that came before. */
  cover(released: readonly (() => void)[]): void {
    for (const callback of released) this.#waiting.push(callback);
    this.#written = true;
    this.#running ??= this.#run();
  }

  /** Releases nothing any more. */
  stop(): void {
    this.#failed = true;
    this.#waiting = [];
  }

  /** When no sync is under way. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    try {
      while (this.#written && !this.#failed) await this.#syncOnce();
    } catch (error) {
      this.stop();
      this.#options.onFailure(error);
    } finally {
      this.#running = undefined;
    }
  }

  async #syncOnce(): Promise<void> {
    const covered = this.#waiting;
    this.#waiting = [];
    this.#written = false;
    // Responses first: a line that is on the disk never refers to bytes that are not.
    const files = this.#options.segments.takeUnsynced();
    try {
      for (const { fd } of files) await syncFile(fd);
    } finally {
      for (const { fd, full } of files) if (full) closeSync(fd);
    }
    await syncFile(this.#options.entriesFd);
    this.#syncs += 1;
    if (this.#failed) return;
    for (const callback of covered) callback();
  }
}

function syncFile(fd: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fdatasync(fd, (error) => {
      if (error === null || error === undefined) resolve();
      else reject(error);
    });
  });
}
