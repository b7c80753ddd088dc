import type { EntryFields } from '../recording/entries/entries.js';
import type { ResponseCapture } from '../recording/write/response-capture.js';
import type { RecordingWriter } from '../recording/write/writer.js';
import type { OperationMeter } from './operation-meter.js';

/** Whether the disk has room for more than closing what is open. */
export interface DiskRoom {
  readonly hasRoom: boolean;
}

/** The recording of one grant as its sessions use it: numbers sessions and what they do. */
export class GrantRecorder {
  /** Counts what is recorded here; one for all grants of the gateway. */
  readonly meter: OperationMeter;
  readonly #writer: RecordingWriter;
  readonly #disk: DiskRoom;
  #sessions = 0;
  #operations = 0;
  #frozen = false;

  constructor(writer: RecordingWriter, disk: DiskRoom, meter: OperationMeter) {
    this.meter = meter;
    this.#writer = writer;
    this.#disk = disk;
  }

  /** False when nothing more may be forwarded, because it could not be recorded to the end. */
  get admits(): boolean {
    return !this.#frozen && this.#writer.failure === undefined && this.#disk.hasRoom;
  }

  nextSession(): number {
    this.#sessions += 1;
    return this.#sessions;
  }

  nextOperation(): number {
    this.#operations += 1;
    return this.#operations;
  }

  /** Appends nothing from now on: someone else may be writing the end of this recording. */
  freeze(): void {
    this.#frozen = true;
  }

  /**
   * Appends an entry; `released` runs once it is written. A recording that cannot be written releases nothing and ends
   * its grant, so callers need not look at it.
   * @throws BrokerError `payload_too_large` for an entry over the recording's limit
   */
  append(fields: EntryFields, released?: () => void): void {
    if (this.#frozen || this.#writer.failure !== undefined) return;
    try {
      this.#writer.append(fields, released);
      if (fields.type === 'operation') this.meter.judged(fields.verdict);
    } catch (error) {
      if (error !== this.#writer.failure) throw error;
    }
  }

  captureResponse(): ResponseCapture {
    return this.#writer.captureResponse();
  }
}
