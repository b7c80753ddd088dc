import type { RecordingView } from '../../contracts/recording.js';
import type { GrantRow } from '../../persistence/entities/grant.js';
import type { RecordingRow } from '../../persistence/entities/recording.js';
import { timeOf, timeOrNull } from '../http/time.js';

/** A recording as the API shows it; without a row it is not sealed yet. */
export function recordingViewOf(grant: GrantRow, recording: RecordingRow | undefined): RecordingView {
  return {
    grantId: grant.id,
    state: recording === undefined ? 'recording' : 'sealed',
    principal: { id: grant.principalId, name: grant.principalName, kind: grant.principalKind },
    target: grant.targetName,
    protocol: grant.protocol,
    task: { title: grant.taskTitle, reference: grant.taskReference },
    entries: recording?.entries ?? null,
    statements: recording?.statements ?? null,
    bytes: recording?.bytes ?? null,
    sha256: recording?.sha256 ?? null,
    keyId: recording?.keyId ?? null,
    interrupted: recording?.interrupted ?? null,
    closeReason: grant.closeReason,
    openedAt: timeOf(recording?.openedAtMs ?? grant.activeAtMs ?? grant.requestedAtMs),
    closedAt: timeOrNull(grant.endedAtMs),
    sealedAt: timeOrNull(recording?.sealedAtMs ?? null),
  };
}
