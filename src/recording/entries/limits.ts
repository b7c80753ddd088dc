/** What a recording may grow to. Every figure is a bound that the writer holds and the reader relies on. */
export interface RecordingLimits {
  /** One line of entries.jsonl. A longer entry is refused, so its statement is not forwarded. */
  readonly entryBytesMax: number;
  /** Lines waiting for the end of the turn; beyond it they are written at once. */
  readonly bufferedBytesMax: number;
  /** A segment is closed before the response that would make it longer; one longer response has a segment of its own. */
  readonly segmentBytesMax: number;
  readonly responseBytesPerStatementMax: number;
  readonly responseBytesPerGrantMax: number;
  /** Response bytes held in memory over all sessions of the grant; beyond it a response is cut, and says so. */
  readonly responseBytesBufferedMax: number;
  /** Preallocated on the disk and given up so that a recording can be closed when the disk is full. */
  readonly reserveBytes: number;
}

const MIB = 1024 * 1024;

export const DEFAULT_LIMITS: RecordingLimits = {
  entryBytesMax: 128 * MIB,
  bufferedBytesMax: 4 * MIB,
  segmentBytesMax: 64 * MIB,
  responseBytesPerStatementMax: MIB,
  responseBytesPerGrantMax: 1024 * MIB,
  responseBytesBufferedMax: 64 * MIB,
  reserveBytes: MIB,
};

/** A line that a reader accepts; the same for every writer, whatever its own limits. */
export const LINE_BYTES_MAX = DEFAULT_LIMITS.entryBytesMax;
