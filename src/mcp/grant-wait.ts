import { grantAnswer, seenGrant, type SeenGrant, waitingText } from './grant-answer.js';
import { LongWait } from './long-wait.js';
import type { ToolAnswer, ToolCall } from './tool.js';

/** Waits until a grant is no longer asked for, or the time is up, and tells every some seconds whom it waits for. */
export async function waitedGrant(seen: SeenGrant, seconds: number, call: ToolCall): Promise<ToolAnswer> {
  const wait = new LongWait(seconds);
  let now = seen;
  while (now.grant.state === 'requested') {
    const waitSeconds = wait.next();
    if (waitSeconds === undefined) break;
    call.progress(waitingText(now));
    now = await seenGrant(
      await call.broker.getGrant(now.grant.id, { waitSeconds, whileState: 'requested', signal: call.signal }),
      call,
    );
  }
  return grantAnswer(now, call);
}
