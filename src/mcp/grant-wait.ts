import { grantAnswer, seenGrant, type SeenGrant, waitingText } from './grant-answer.js';
import { PROGRESS_SECONDS } from './limits.js';
import type { ToolAnswer, ToolCall } from './tool.js';

const MS_PER_SECOND = 1000;

/** Waits until a grant is no longer asked for, or the time is up, and tells every some seconds whom it waits for. */
export async function waitedGrant(seen: SeenGrant, seconds: number, call: ToolCall): Promise<ToolAnswer> {
  const untilMs = performance.now() + seconds * MS_PER_SECOND;
  let now = seen;
  while (now.grant.state === 'requested') {
    const leftSeconds = Math.floor((untilMs - performance.now()) / MS_PER_SECOND);
    if (leftSeconds < 1) break;
    call.progress(waitingText(now, call));
    const waitSeconds = Math.min(leftSeconds, PROGRESS_SECONDS);
    now = await seenGrant(await call.broker.grant(now.grant.id, { waitSeconds, signal: call.signal }), call);
  }
  return grantAnswer(now, call);
}
