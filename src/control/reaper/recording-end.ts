import { existsSync } from 'node:fs';
import type { CloseReason } from '../../domain/grant.js';
import type { Clock } from '../../kernel/clock.js';
import { BrokerError } from '../../kernel/errors.js';
import type { GrantRow } from '../../persistence/entities/grants/grant.js';
import type { EndOfAccess, GrantOpened } from '../../recording/entries/entries.js';
import { eachEntry } from '../../recording/verify/reader.js';
import type { RecordedProtocols } from '../../recording/recorded-protocol.js';
import type { RecordingStore } from '../../recording/stores/recording-store.js';
import { RecordingWriter, type RecordingWriterOptions } from '../../recording/write/writer.js';
import { withSoundRecording } from './damaged-recording.js';

export interface EndRecordingTools {
  readonly store: RecordingStore;
  readonly clock: Clock;
  /** The protocols whose bodies are looked at, before what does not hold is set aside. */
  readonly recorded: RecordedProtocols;
}

export interface RecordingEnd {
  readonly grantId: string;
  /** For a recording that was never begun. */
  readonly opened: GrantOpened;
  readonly reason: CloseReason;
  readonly by: string | null;
  readonly interrupted: boolean;
  /** How it ended at the target. */
  readonly end: EndOfAccess;
}

/**
 * Writes the end of a recording that its gateway could not write: goes on where the file ends, or begins it when there is
 * none. Safe to run again: a recording that has its last entry stays as it is.
 */
export async function endRecording({ store, clock, recorded }: EndRecordingTools, end: RecordingEnd): Promise<void> {
  const directory = store.liveDirectory(end.grantId);
  await withSoundRecording(directory, recorded, () => writeEnd(store, { directory, clock, durability: 'disk' }, end));
}

async function writeEnd(store: RecordingStore, options: RecordingWriterOptions, end: RecordingEnd): Promise<void> {
  const writer = existsSync(options.directory)
    ? RecordingWriter.reopen(options)
    : await RecordingWriter.create(options);
  try {
    const found = await entryTypes(store, end.grantId);
    if (found.has('grant.closed')) return;
    if (!found.has('grant.opened')) writer.appendClosing(end.opened);
    if (!found.has('grant.closing')) writer.appendClosing({ type: 'grant.closing', reason: end.reason, by: end.by });
    const { reason, interrupted } = end;
    writer.appendClosing({ type: 'grant.closed', reason, interrupted, ...end.end });
  } finally {
    await writer.close();
  }
}

/**
 * A grant that was active has a recording, so where there is none this worker looks at the wrong place: making one up
 * would hide the real one.
 * @throws BrokerError `recording_unavailable`
 */
export function requireNeverActive(grant: GrantRow): void {
  if (grant.activeAtMs === null) return;
  throw new BrokerError('recording_unavailable', {
    detail: 'RECORDINGS_DIR does not have the live recording of this grant.',
  });
}

/** Whether a live recording has its last entry. @throws BrokerError `recording_unavailable` when it cannot be read */
export async function hasEnd(store: RecordingStore, grantId: string): Promise<boolean> {
  return (await entryTypes(store, grantId)).has('grant.closed');
}

async function entryTypes(store: RecordingStore, grantId: string): Promise<ReadonlySet<string>> {
  const types = new Set<string>();
  for await (const entry of eachEntry(await store.liveEntries(grantId))) types.add(entry.type);
  return types;
}
