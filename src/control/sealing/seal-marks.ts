import type { GrantId } from '../../kernel/brand.js';
import type { RecordingRepository } from '../../persistence/recordings/recording.repository.js';
import { buildMarks } from '../../recording/look/build-marks.js';
import { sealedRecording } from '../../recording/look/open-recording.js';
import { marksText } from '../../recording/look/stored-marks.js';
import type { RecordedProtocols } from '../../recording/recorded-protocol.js';
import type { RecordingStore } from '../../recording/stores/recording-store.js';

/** Where an index that could not be made is noted; pino's loggers fit. */
export interface MarksLog {
  warn(fields: object, message: string): void;
}

export interface SealMarksOptions {
  readonly store: RecordingStore;
  readonly recordings: RecordingRepository;
  readonly recorded: RecordedProtocols;
  readonly log: MarksLog;
}

/** Puts the index of a recording beside its sealed file, so that its first reader need not wait until it is made. */
export class SealMarks {
  readonly #options: SealMarksOptions;

  constructor(options: SealMarksOptions) {
    this.#options = options;
  }

  /** Without the index nothing is lost: an api that does not find it makes it for itself. So a failure is only noted. */
  async make(id: GrantId): Promise<void> {
    try {
      await this.#make(id);
    } catch (error) {
      this.#options.log.warn({ err: error, grantId: id }, 'the index of a sealed recording could not be made');
    }
  }

  async #make(id: GrantId): Promise<void> {
    const { store, recordings, recorded } = this.#options;
    const row = await recordings.find(id);
    if (row === undefined) return;
    const file = await store.openSealed(id);
    try {
      const { lines } = await sealedRecording(file);
      await store.keepMarks(id, marksText(row.sha256, await buildMarks(lines, recorded)));
    } finally {
      await file.close();
    }
  }
}
