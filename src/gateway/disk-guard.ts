import { statfs } from 'node:fs/promises';
import type { DiskRoom } from './grant-recorder.js';

const LOOK_EVERY_MS = 1_000;

/**
 * Looks every second how much space the recordings have left. Below the minimum nothing more is forwarded, so that what
 * is open can still be closed and sealed.
 */
export class DiskGuard implements DiskRoom {
  readonly #directory: string;
  readonly #freeBytesMin: number;
  readonly #timer: NodeJS.Timeout;
  #hasRoom = false;

  static async start(directory: string, freeBytesMin: number): Promise<DiskGuard> {
    const guard = new DiskGuard(directory, freeBytesMin);
    await guard.#look();
    return guard;
  }

  private constructor(directory: string, freeBytesMin: number) {
    this.#directory = directory;
    this.#freeBytesMin = freeBytesMin;
    this.#timer = setInterval(() => void this.#look(), LOOK_EVERY_MS);
    this.#timer.unref();
  }

  get hasRoom(): boolean {
    return this.#hasRoom;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    try {
      const { bavail, bsize } = await statfs(this.#directory);
      this.#hasRoom = bavail * bsize >= this.#freeBytesMin;
    } catch {
      this.#hasRoom = false; // a directory that cannot be looked at cannot be written either
    }
  }
}
