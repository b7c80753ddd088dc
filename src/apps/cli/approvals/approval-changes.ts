import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import {
  APPROVAL_EVENTS,
  type ApprovalEvent,
  approvalSummaryView,
  type ApprovalSummaryView,
  pendingEvent,
} from '../../../contracts/approvals/approval.js';
import type { ApiClient } from '../../../client/api-client.js';
import { ApiFailure } from '../../../client/api-failure.js';

/** News of one approval; `pending` has all that wait, the oldest first, and comes whenever news may have been missed. */
export interface ApprovalNews {
  readonly event: ApprovalEvent;
  readonly approvals: readonly ApprovalSummaryView[];
}

const RETRY_MS_MIN = 1_000;
const RETRY_MS_MAX = 30_000;
/** What the API says when it will serve again in a while. */
const PASSING: ReadonlySet<string | null> = new Set([null, 'watchers_over_limit', 'state_unavailable']);

const eventName = z.enum(APPROVAL_EVENTS);

/**
 * What happens to approvals, until the signal is aborted. Once connected it connects again whenever the connection is
 * lost; `onLost` is told why, and in how many milliseconds that will be.
 * @throws ApiFailure when it cannot connect at first, or is not let in any more
 */
export async function* approvalChanges(
  api: ApiClient,
  signal: AbortSignal,
  onLost: (why: string, retryMs: number) => void,
): AsyncGenerator<ApprovalNews> {
  let wasConnected = false;
  for (let retryMs = RETRY_MS_MIN; ; retryMs = Math.min(2 * retryMs, RETRY_MS_MAX)) {
    try {
      for await (const change of connectOnce(api, signal)) {
        wasConnected = true;
        retryMs = RETRY_MS_MIN;
        yield change;
      }
      throw new ApiFailure('The API ended the stream.', null);
    } catch (error) {
      if (signal.aborted) return;
      if (!wasConnected || !(error instanceof ApiFailure) || !PASSING.has(error.code)) throw error;
      onLost(error.message, retryMs);
      await pause(retryMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
    }
  }
}

async function* connectOnce(api: ApiClient, signal: AbortSignal): AsyncGenerator<ApprovalNews> {
  for await (const { event: name, data } of api.events('/v1/approvals/events', signal)) {
    const event = eventName.safeParse(name).data;
    if (event === undefined) continue; // of a newer broker
    const content: unknown = JSON.parse(data);
    const approvals =
      event === 'pending' ? pendingEvent.parse(content).items.toReversed() : [approvalSummaryView.parse(content)];
    yield { event, approvals };
  }
}
