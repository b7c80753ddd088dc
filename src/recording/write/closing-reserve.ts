import { BrokerError } from '../../kernel/errors.js';
import { RESERVE_NAME } from './layout.js';
import { OPEN, openOwn, removeOwn } from './own-files.js';
import { recoverLive, type Recovered } from './recovery.js';
import { isOutOfSpace, unavailable } from './system-error.js';

/**
 * Space that a live recording keeps for its end. A full disk fails its writer; the closing entries then take the place of
 * the reserve, so that every recording says how its grant ended.
 */
export class ClosingReserve {
  readonly #directory: string;
  #isGivenUp = false;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Zeros that were really written: space that a file system has promised, unlike a hole. */
  static async make(directory: string, bytes: number): Promise<void> {
    const file = await openOwn(directory, RESERVE_NAME, OPEN.create);
    try {
      await file.writeFile(Buffer.alloc(bytes));
    } finally {
      await file.close();
    }
  }

  /** Closing entries have been written in its place. */
  get isGivenUp(): boolean {
    return this.#isGivenUp;
  }

  /**
   * Has `append` write a closing entry, and gives what it gives. Before the first one the reserve is given up and the
   * unfinished line is cut; `append` gets where the recording stands then. Past the failure there are no more batches:
   * each closing entry is one write of its own.
   * @throws BrokerError the failure, when no space would mend it; `recording_unavailable` when there is none even now,
   *   and then the next call begins again from what is in the file
   */
  write(failure: BrokerError | undefined, append: (recovered: Recovered | undefined) => number): number {
    if (failure !== undefined && !isOutOfSpace(failure.cause)) throw failure;
    try {
      const recovered = this.#isGivenUp ? undefined : this.#giveUp();
      this.#isGivenUp = true;
      return append(recovered);
    } catch (error) {
      this.#isGivenUp = false;
      throw error instanceof BrokerError ? error : unavailable('There is no space even to close it.', error);
    }
  }

  #giveUp(): Recovered {
    // It may be gone already: an earlier closing entry or an earlier writer used it.
    removeOwn(this.#directory, RESERVE_NAME);
    return recoverLive(this.#directory);
  }
}
