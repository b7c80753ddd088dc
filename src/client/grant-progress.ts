import type { ApprovalView } from '../contracts/approval.js';
import type { GrantDetailView } from '../contracts/grant.js';
import type { DoorwardenClient } from './doorwarden-client.js';
import { refusalOf } from './grant-errors.js';

/** Where a grant that was asked for stands. */
export type GrantProgress =
  | { readonly kind: 'waits-for-gateway'; readonly grant: GrantDetailView }
  | ApprovalProgress
  | { readonly kind: 'active'; readonly grant: GrantDetailView };

/** People are asked about it. */
export interface ApprovalProgress {
  readonly kind: 'waits-for-people';
  readonly grant: GrantDetailView;
  /** The id of the approval. */
  readonly approval: string;
  /** Groups that must each approve; empty: any approver. */
  readonly groups: readonly string[];
  /** Different people who must approve, and who has. */
  readonly quorum: number;
  readonly approvedBy: readonly string[];
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
  client: DoorwardenClient,
  asked: string | GrantDetailView,
  { onProgress, signal }: ProgressOptions = {},
): Promise<GrantDetailView> {
  let grant = typeof asked === 'string' ? await client.getGrant(asked, { signal }) : asked;
  for (;;) {
    signal?.throwIfAborted();
    const question = grant.state === 'requested' ? questionOf(grant) : undefined;
    switch (grant.state) {
      case 'requested': {
        const approval = question === undefined ? undefined : await client.getApproval(question.id, { signal });
        const isPending = approval?.state === 'pending';
        onProgress?.(isPending ? peopleOf(client, grant, approval) : { kind: 'waits-for-gateway', grant });
        // Once people have answered, the grant is active or refused a moment later.
        if (isPending)
          await client.getApproval(approval.id, {
            waitSeconds: WAIT_SECONDS,
            whileRevision: approval.revision,
            signal,
          });
        grant = await client.getGrant(grant.id, {
          waitSeconds: isPending ? 0 : WAIT_SECONDS,
          whileState: grant.state,
          signal,
        });
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

function questionOf({ waiting }: GrantDetailView): GrantDetailView['waiting'][number] | undefined {
  return waiting.find(({ kind }) => kind === 'grant');
}

function peopleOf(client: DoorwardenClient, grant: GrantDetailView, approval: ApprovalView): ApprovalProgress {
  const { id, approvers, quorum, decisions, askedAt, expiresAt } = approval;
  return {
    kind: 'waits-for-people',
    grant,
    approval: id,
    groups: approvers,
    quorum,
    approvedBy: decisions.filter(({ decision }) => decision === 'approve').map(({ principal }) => principal),
    askedAt,
    expiresAt,
    link: client.approvalLink(id),
  };
}
