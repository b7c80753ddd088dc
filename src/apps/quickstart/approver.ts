import { setTimeout as delay } from 'node:timers/promises';
import { approvalPage, approvalView, type ApprovalView, type PreviewView } from '../../contracts/approvals/approval.js';
import { type DecisionRequest } from '../../contracts/approvals/decision.js';
import type { ApiClient } from '../../client/api-client.js';

const LOOK_EVERY_MS = 50;
const ASKED_MS_MAX = 15_000;

/** What a person sees on the screen of a held statement, once the preview is there. */
export interface SeenApproval {
  readonly approval: ApprovalView;
  readonly preview: PreviewView & { readonly state: 'ready' };
}

/** Waits for the one statement of the grant that is held, and for its preview. @throws Error when none comes */
export async function seeHeld(asApprover: ApiClient, grantId: string): Promise<SeenApproval> {
  const untilMs = performance.now() + ASKED_MS_MAX;
  while (performance.now() < untilMs) {
    const { items } = await asApprover.get(`/v1/approvals?state=pending&grant=${grantId}`, approvalPage);
    const [first] = items;
    if (first !== undefined) {
      const approval = await asApprover.get(`/v1/approvals/${first.id}`, approvalView);
      if (approval.preview.state === 'ready') return { approval, preview: approval.preview };
    }
    await delay(LOOK_EVERY_MS);
  }
  throw new Error(`no statement of the grant ${grantId} is held with its preview after ${ASKED_MS_MAX / 1000} s`);
}

/** Decides as a person would, on the web or with `doorwarden approvals`. */
export async function decide(
  asApprover: ApiClient,
  { approval: { id } }: SeenApproval,
  decision: DecisionRequest,
): Promise<void> {
  await asApprover.post(`/v1/approvals/${id}/decisions`, decision, approvalView);
}
