import type { Readable } from 'node:stream';
import type { EntrySource } from '../reader.js';

/**
 * Where recordings are. Live ones are always directories of this machine, because a gateway appends to them; sealed ones
 * may be anywhere. Every method throws `recording_not_found` for a grant id that is not one.
 */
export interface RecordingStore {
  /** The directory of a live recording, whether it exists or not. */
  liveDirectory(grantId: string): string;

  /** Grants with a live recording. */
  listLive(): Promise<readonly string[]>;

  /** Where `sealRecording` makes the file; `keepSealed` comes next. */
  sealingPath(grantId: string): string;

  /** Takes the finished file from `sealingPath` for good. Safe to repeat. */
  keepSealed(grantId: string): Promise<void>;

  /** Grants with a sealed recording. */
  listSealed(): Promise<readonly string[]>;

  /** Bytes of the sealed file, or undefined when there is none. */
  sealedBytes(grantId: string): Promise<number | undefined>;

  /** The sealed file as a stream. Throws `recording_not_sealed` while it is live. */
  openSealed(grantId: string): Promise<Readable>;

  /** Runs `use` with the path of a local copy of the sealed file, which is gone afterwards unless the store is local. */
  withSealedFile<T>(grantId: string, use: (path: string) => Promise<T>): Promise<T>;

  /** The entries of a live or a sealed recording. */
  entries(grantId: string): Promise<EntrySource>;
}
