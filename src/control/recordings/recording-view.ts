import type { RecordingView } from '../../contracts/recordings/recording.js';
import type { GrantRow } from '../../persistence/entities/grants/grant.js';
import type { PrincipalId } from '../../kernel/brand.js';
import type { RecordingRow } from '../../persistence/entities/recordings/recording.js';
import type { StatementCounts } from '../../persistence/statements/statement-counts.js';
import type { RecordingReviewRow } from '../../persistence/entities/recordings/recording-review.js';
import { timeOf, timeOrNull } from '../http/time.js';

export interface KnownRecording {
  /** Undefined: it is not sealed yet. */
  readonly recording: RecordingRow | undefined;
  readonly reviews: readonly RecordingReviewRow[] | undefined;
  /** Undefined: it is not in the index. */
  readonly counts: StatementCounts | undefined;
  readonly viewer: PrincipalId;
}

/** A recording as the API shows it. */
export function recordingViewOf(
  grant: GrantRow,
  { recording, reviews = [], counts, viewer }: KnownRecording,
): RecordingView {
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
    counts: counts ?? null,
    verification: verificationOf(recording),
    reviews: reviews.map(({ principalId, principalName, reviewedAtMs }) => ({
      principal: principalName,
      at: timeOf(reviewedAtMs),
      isYours: principalId === viewer,
    })),
  };
}

function verificationOf(recording: RecordingRow | undefined): RecordingView['verification'] {
  if (recording === undefined) return null;
  const { verifiedAtMs, verifiedBy, verifiedOk } = recording;
  if (verifiedAtMs === null || verifiedBy === null || verifiedOk === null) return null;
  return { ok: verifiedOk, at: timeOf(verifiedAtMs), by: verifiedBy };
}
