import { vi } from 'vitest';
import { z } from 'zod';
import {
  approvalPage,
  approvalView,
  type ApprovalSummaryView,
  type ApprovalView,
} from '../../src/contracts/approvals/approval.js';
import { type DecisionRequest, type WithdrawalRequest } from '../../src/contracts/approvals/decision.js';
import type { ApprovalState } from '../../src/domain/approval.js';
import { newId } from '../../src/domain/ids.js';
import type { CallableBroker } from './task.js';
import type { ApiAnswer } from '../../src/client/api-call.js';
import { bodyOf, callAs } from './http.js';

const LOOK_EVERY_MS = 100;
const ASKED_MS_MAX = 15_000;

/** What came of a statement that may be held: its result, or the error that the client got. */
export type Outcome<T> =
  | { readonly result: T; readonly error?: undefined }
  | { readonly result?: undefined; readonly error: { readonly errno: number; readonly message: string } };

/** Lets a statement run while a test looks at it and decides; it never rejects. */
export async function outcomeOf<T>(running: Promise<T>): Promise<Outcome<T>> {
  try {
    return { result: await running };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { error: { errno: Number(Reflect.get(error, 'errno')), message: error.message } };
  }
}

/** What a grant has asked until now, the oldest first. */
export async function approvalsOf(
  broker: CallableBroker,
  grant: string,
  state?: ApprovalState,
): Promise<readonly ApprovalSummaryView[]> {
  const path = `/v1/approvals?limit=100&grant=${grant}${state === undefined ? '' : `&state=${state}`}`;
  const { items } = bodyOf(await callAs(broker, 'approver', { method: 'GET', path }), approvalPage);
  return items.toReversed();
}

export async function lookAtApproval(broker: CallableBroker, id: string): Promise<ApprovalView> {
  return bodyOf(await callAs(broker, 'approver', { method: 'GET', path: `/v1/approvals/${id}` }), approvalView);
}

/** Waits for the one statement of the grant that is held, and gives the id of its approval. */
async function untilOneHeld(broker: CallableBroker, grant: string): Promise<string> {
  return vi.waitFor(
    async () => {
      const pending = await approvalsOf(broker, grant, 'pending');
      const [first] = pending;
      if (first === undefined || pending.length > 1) throw new Error(`${pending.length} statements are held`);
      return first.id;
    },
    { timeout: ASKED_MS_MAX, interval: LOOK_EVERY_MS },
  );
}

/** Waits for the one statement of the grant that is held, and gives all that an approver sees of it. */
export async function seeHeld(
  broker: CallableBroker,
  grant: string,
  { withPreview = false }: { readonly withPreview?: boolean } = {},
): Promise<ApprovalView> {
  const id = await untilOneHeld(broker, grant);
  return vi.waitFor(
    async () => {
      const approval = await lookAtApproval(broker, id);
      if (withPreview && approval.preview.state !== 'ready') throw new Error('There is no preview yet');
      return approval;
    },
    { timeout: ASKED_MS_MAX, interval: LOOK_EVERY_MS },
  );
}

/** Waits until the question has ended in this way. */
export async function untilApproval(broker: CallableBroker, id: string, state: ApprovalState): Promise<ApprovalView> {
  return vi.waitFor(
    async () => {
      const approval = await lookAtApproval(broker, id);
      if (approval.state !== state) throw new Error(`The approval is ${approval.state}, not ${state}`);
      return approval;
    },
    { timeout: ASKED_MS_MAX, interval: LOOK_EVERY_MS },
  );
}

/** Decides as the test's approver. A refusal is an answer, not an error. */
export function tryDecide(broker: CallableBroker, id: string, body: DecisionRequest): Promise<ApiAnswer> {
  return callAs(broker, 'approver', { method: 'POST', path: `/v1/approvals/${id}/decisions`, body });
}

/** Decides as the test's approver, and gives the approval as it is then. */
export async function decide(broker: CallableBroker, id: string, body: DecisionRequest): Promise<ApprovalView> {
  return bodyOf(await tryDecide(broker, id, body), approvalView);
}

/** Waits for the one statement that is held, and decides. */
export async function decideHeld(broker: CallableBroker, grant: string, body: DecisionRequest): Promise<ApprovalView> {
  return decide(broker, await untilOneHeld(broker, grant), body);
}

/** The same broker with another person as its approver. */
export async function withNewApprover<T extends CallableBroker>(broker: T): Promise<T> {
  const name = `approver-${newId()}`;
  const made = { name, kind: 'user', roles: ['approver'] };
  bodyOf(
    await callAs(broker, 'operator', { method: 'POST', path: '/v1/principals', body: made }),
    z.looseObject({ name: z.literal(name) }),
  );
  const path = `/v1/principals/${name}/keys`;
  const answer = await callAs(broker, 'operator', { method: 'POST', path, body: {} });
  const { key } = bodyOf(answer, z.looseObject({ key: z.string() }));
  return { ...broker, keys: { ...broker.keys, approver: key } };
}

/** Takes back what the test's approver has approved. A refusal is an answer, not an error. */
export function tryWithdraw(broker: CallableBroker, id: string, body: WithdrawalRequest): Promise<ApiAnswer> {
  return callAs(broker, 'approver', { method: 'POST', path: `/v1/approvals/${id}/withdraw`, body });
}

/** The same, and gives the approval as it is then. */
export async function withdraw(broker: CallableBroker, id: string, body: WithdrawalRequest): Promise<ApprovalView> {
  return bodyOf(await tryWithdraw(broker, id, body), approvalView);
}
