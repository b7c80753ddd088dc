import type { FileHandle } from 'node:fs/promises';
import type { OpenRecording } from '../look/open-recording.js';
import type { EntrySource } from '../verify/reader.js';

/**
 * Where recordings are. Live ones are always directories of this machine, because a gateway appends to them; sealed ones
 * may be anywhere. Every method throws `recording_not_found` for a grant id that is not one, and `recording_mismatch` for
 * what is in a recording's place and is no regular file there: nothing is followed.
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

  /** Whether anything is in the place of the sealed file. */
  hasSealed(grantId: string): Promise<boolean>;

  /** The sealed file, open; whether it is this grant's is for the caller to check. Throws `recording_not_sealed` while it is live. */
  openSealed(grantId: string): Promise<FileHandle>;

  /** Keeps the index of a sealed file beside it: derived, and made again when it is lost. */
  keepMarks(grantId: string, text: string): Promise<void>;

  /** What `keepMarks` was given last; undefined when there is nothing. Anyone who reads it must check it. */
  marks(grantId: string): Promise<string | undefined>;

  /** A live recording to look into; as {@link liveEntries}. */
  openLive(grantId: string): Promise<OpenRecording>;

  /** How many bytes of entries a live recording has; undefined: none is on this machine. */
  liveBytes(grantId: string): Promise<number | undefined>;

  /** The entries of a live recording. They throw `recording_mismatch` when they are another grant's. */
  liveEntries(grantId: string): Promise<EntrySource>;
}
