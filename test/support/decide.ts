import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { approvalPage } from '../../src/contracts/approvals/approval.js';
import { type Broker } from './broker.js';
import { bodyOf, callAs } from './http.js';

const LOOK_EVERY_MS = 100;
const LIMIT_MS = 45_000;

type CallableBroker = Pick<Broker, 'api' | 'keys'>;

/** The ids of a grant's approvals that nobody has decided yet. */
async function pendingOf(broker: CallableBroker, grant: string): Promise<readonly string[]> {
  const path = `/v1/approvals?state=pending&grant=${grant}`;
  const { items } = bodyOf(await callAs(broker, 'approver', { method: 'GET', path }), approvalPage);
  return items.map(({ id }) => id);
}

/** Waits until statements of a grant are held, and gives the ids of their approvals; of none once the signal says so. */
export async function untilHeld(
  broker: CallableBroker,
  grant: string,
  { count = 1, signal }: { readonly count?: number; readonly signal?: AbortSignal } = {},
): Promise<readonly string[]> {
  for (const untilMs = Date.now() + LIMIT_MS; ;) {
    const pending = await pendingOf(broker, grant);
    if (pending.length >= count) return pending;
    if (signal?.aborted === true) return [];
    if (Date.now() > untilMs) throw new Error(`Of grant ${grant} ${pending.length} statements are held, not ${count}`);
    await pause(LOOK_EVERY_MS);
  }
}

/**
 * Waits until the broker knows that the client of a held statement has gone, which the client itself knows before. A decision
 * in between lets the statement run as if the client still waited, and no other after it.
 */
export async function untilLeft(broker: CallableBroker, approval: string): Promise<void> {
  for (const untilMs = Date.now() + LIMIT_MS; ;) {
    const answer = await callAs(broker, 'approver', { method: 'GET', path: `/v1/approvals/${approval}` });
    if (bodyOf(answer, z.looseObject({ clientWaits: z.boolean().nullable() })).clientWaits === false) return;
    if (Date.now() > untilMs) throw new Error(`The client of ${approval} still waits`);
    await pause(LOOK_EVERY_MS);
  }
}

/** Approves what of a grant is held now, or will be in a moment. */
export async function approveNext(broker: CallableBroker, grant: string, count = 1): Promise<void> {
  for (const id of await untilHeld(broker, grant, { count })) {
    const body = { decision: 'approve' };
    bodyOf(
      await callAs(broker, 'approver', { method: 'POST', path: `/v1/approvals/${id}/decisions`, body }),
      z.looseObject({ state: z.literal('approved') }),
    );
  }
}

/** Puts a policy text in force in place of the default one. Gateways have it within a second. */
export async function putPolicy(broker: CallableBroker, text: string): Promise<void> {
  const path = '/v1/policies/default';
  bodyOf(await callAs(broker, 'operator', { method: 'PUT', path, body: { text } }), z.looseObject({}));
}
