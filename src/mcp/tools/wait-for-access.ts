import { z } from 'zod';
import { seenGrant } from '../grant-answer.js';
import { waitedGrant } from '../grant-wait.js';
import { TOOL_WAIT_SECONDS_MAX } from '../limits.js';
import { toolOf } from '../tool.js';
import { grantId } from './ids.js';

export const waitForAccess = toolOf({
  name: 'wait_for_access',
  title: 'Wait until access is given',
  description:
    'Waits until a grant that was asked for is active or refused, and says whom it waits for. A timeout is no error: call it again until the grant is active or the time of the question is over.',
  input: z.strictObject({
    grant: grantId,
    seconds: z
      .int()
      .min(1)
      .max(TOOL_WAIT_SECONDS_MAX)
      .default(TOOL_WAIT_SECONDS_MAX)
      .describe('How long to wait at most.'),
  }),
  annotations: { readOnlyHint: true, openWorldHint: false },
  async run({ grant, seconds }, call) {
    const { broker, signal } = call;
    return waitedGrant(await seenGrant(await broker.getGrant(grant, { signal }), call), seconds, call);
  },
});
