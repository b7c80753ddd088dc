import { checkEntries, type EntriesCheck } from './entries-check.js';
import { LARGE_CHUNK_BYTES, wholeFile } from '../chain/file-chunks.js';
import { HASHING_THREADS_FROM_BYTES, withHashing } from '../chain/hashing.js';
import type { RecordedProtocols } from '../recorded-protocol.js';
import { ENTRIES_NAME, liveSegmentName } from '../write/layout.js';
import { liveSegmentBytes, ownFileBytes } from '../write/recovery.js';

/** Checks a live recording like a sealed one, less its seal. Throws only when its files cannot be read. */
export async function checkLiveRecording(directory: string, protocols: RecordedProtocols): Promise<EntriesCheck> {
  // A segment that recovery cut to nothing is no segment.
  const segments = liveSegmentBytes(directory).filter((bytes) => bytes > 0);
  const bytes = segments.reduce((sum, segment) => sum + segment, ownFileBytes(directory, ENTRIES_NAME));
  return withHashing(bytes >= HASHING_THREADS_FROM_BYTES, (hashing) =>
    checkEntries({
      entries: wholeFile(directory, ENTRIES_NAME, LARGE_CHUNK_BYTES),
      openSegment: (number) => wholeFile(directory, liveSegmentName(number)),
      segmentCount: segments.length,
      hashing,
      protocols,
    }),
  );
}
