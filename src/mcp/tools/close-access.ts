import { z } from 'zod';
import type { GrantView } from '../../contracts/grants/grant.js';
import { isFinal } from '../../domain/grant.js';
import { overWords } from '../grant-answer.js';
import { FIRST_WAIT_SECONDS } from '../limits.js';
import { LongWait } from '../long-wait.js';
import { type ToolAnswer, type ToolCall, toolOf } from '../tool.js';
import { grantId } from './ids.js';

const DONE = 'Nothing is left to do.';

export const closeAccess = toolOf({
  name: 'close_access',
  title: 'Close access when the task is done',
  description:
    'Ends a grant: its account is dropped and its recording is sealed. Call it when the task is done or has failed; nothing runs under the grant afterwards.',
  input: z.strictObject({ grant: grantId }),
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async run({ grant }, call) {
    const closed = await closedGrant(grant, call);
    await call.parts.keeper.forget(grant);
    return closedAnswer(closed);
  },
});

async function closedGrant(id: string, { broker, signal, progress }: ToolCall): Promise<GrantView> {
  const wait = new LongWait(FIRST_WAIT_SECONDS);
  let grant = await broker.closeGrant(id, { signal });
  while (!isFinal(grant.state)) {
    const waitSeconds = wait.next();
    if (waitSeconds === undefined) break;
    progress('The grant is being ended, and its recording sealed.');
    grant = await broker.closeGrant(id, { waitSeconds, signal });
  }
  return grant;
}

function closedAnswer(grant: GrantView): ToolAnswer {
  const { id, state, closeReason, sealedAt } = grant;
  // A recording has the id of its grant.
  const facts = { grant: id, state, closeReason, sealedAt, recording: state === 'sealed' ? id : null };
  switch (state) {
    case 'sealed':
      return { text: `${overWords(grant)} Its recording is ${id}. ${DONE}`, facts: { ...facts, next: DONE } };
    case 'refused':
      return {
        text: `The grant was never open, and nobody is asked about it any more. ${DONE}`,
        facts: { ...facts, next: DONE },
      };
    default: {
      const next = 'Nothing runs under it any more; the broker seals the recording by itself.';
      return { text: `${overWords(grant)} ${next}`, facts: { ...facts, next } };
    }
  }
}
