import type { ApprovalView } from '../contracts/approvals/approval.js';
import type { GrantDetailView } from '../contracts/grants/grant.js';
import { ApiFailure } from './api-failure.js';
import type { GrantClient } from './grant-client.js';
import { refusalOf } from './grant-errors.js';

/** Where a grant that was asked for stands. */
export type GrantProgress =
  | { readonly kind: 'waits-for-gateway'; readonly grant: GrantDetailView }
  | ApprovalProgress
  | { readonly kind: 'active'; readonly grant: GrantDetailView };

/** People are asked about it. What only the approval says is null where the credential may not read that. */
export interface ApprovalProgress {
  readonly kind: 'waits-for-people';
  readonly grant: GrantDetailView;
  /** The id of the approval. */
  readonly approval: string;
  /** Groups that must each approve; empty: any approver. */
  readonly groups: readonly string[] | null;
  /** Different people who must approve, and who has. */
  readonly quorum: number | null;
  readonly approvedBy: readonly string[] | null;
  /** ISO 8601. */
  readonly askedAt: string;
  readonly expiresAt: string;
  /** The page on which people decide. */
  readonly link: string;
}

export interface ProgressOptions {
  /** Told at once, at every change, and every 10 seconds while nothing changes. What it throws ends the waiting. */
  readonly onProgress?: ((progress: GrantProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Shorter than proxies cut off what is silent, and often enough to tell somebody that the program still waits. */
const WAIT_SECONDS = 10;

/**
 * Waits until a grant is active, by long polls, whether the API restarts meanwhile or not. It closes nothing.
 * @throws GrantRefusedError, GrantDeniedError, GrantTimedOutError, ApiFailure, or the reason of the signal
 */
export async function waitForGrant(
  client: GrantClient,
  asked: string | GrantDetailView,
  { onProgress, signal }: ProgressOptions = {},
): Promise<GrantDetailView> {
  let grant = typeof asked === 'string' ? await client.getGrant(asked, { signal }) : asked;
  for (;;) {
    signal?.throwIfAborted();
    switch (grant.state) {
      case 'requested': {
        const question = await tellRequested(client, grant, { onProgress, signal });
        // Once people have answered, the grant is active or refused a moment later.
        if (question !== null) {
          const { id, revision } = question;
          await client.getApproval(id, { waitSeconds: WAIT_SECONDS, whileRevision: revision, signal });
        }
        const waitSeconds = question === null ? WAIT_SECONDS : 0;
        grant = await client.getGrant(grant.id, { waitSeconds, whileState: 'requested', signal });
        break;
      }
      case 'active':
        onProgress?.({ kind: 'active', grant });
        return grant;
      case 'closing':
      case 'sealed':
      case 'refused':
        throw refusalOf(grant);
    }
  }
}

/** Tells whom a request waits for; gives the question that people have not answered, where it can be read. */
async function tellRequested(
  client: GrantClient,
  grant: GrantDetailView,
  { onProgress, signal }: ProgressOptions,
): Promise<ApprovalView | null> {
  const question = grant.waiting.find(({ kind }) => kind === 'grant');
  const approval = question === undefined ? null : await readableApproval(client, question.id, signal);
  if (question === undefined || (approval !== null && approval.state !== 'pending')) {
    onProgress?.({ kind: 'waits-for-gateway', grant });
    return null;
  }
  const { id, askedAt, expiresAt } = question;
  const approvals = approval?.decisions.filter(({ decision }) => decision === 'approve') ?? null;
  onProgress?.({
    kind: 'waits-for-people',
    grant,
    approval: id,
    groups: approval?.approvers ?? null,
    quorum: approval?.quorum ?? null,
    approvedBy: approvals?.map(({ principal }) => principal) ?? null,
    askedAt,
    expiresAt,
    link: client.approvalLink(id),
  });
  return approval;
}

/** Null: the credential may ask for grants and not read approvals, as a key with a narrow scope. */
async function readableApproval(
  client: GrantClient,
  id: string,
  signal: AbortSignal | undefined,
): Promise<ApprovalView | null> {
  try {
    return await client.getApproval(id, { signal });
  } catch (error) {
    if (error instanceof ApiFailure && error.code === 'forbidden') return null;
    throw error;
  }
}
