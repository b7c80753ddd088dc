import { z } from 'zod';
import type { ApprovalView } from '../../contracts/approvals/approval.js';
import { BrokerError } from '../../kernel/errors.js';
import { TOOL_WAIT_SECONDS_MAX } from '../limits.js';
import { LongWait } from '../long-wait.js';
import { toldApproval, waitsForText } from '../told-approval.js';
import { type ToolAnswer, type ToolCall, toolOf } from '../tool.js';
import { approvalId, grantId } from './ids.js';

export const waitForStatement = toolOf({
  name: 'wait_for_statement',
  title: 'Wait for the decision on a statement',
  description:
    'Waits until people have decided on a statement that run_statement answered as pending. Approved: send the same statement again; it then runs. Denied: the reason is in the answer; do not send it again with another text to get around the denial. A timeout is no error: call it again.',
  input: z.strictObject({
    grant: grantId,
    approval: approvalId,
    seconds: z
      .int()
      .min(1)
      .max(TOOL_WAIT_SECONDS_MAX)
      .default(TOOL_WAIT_SECONDS_MAX)
      .describe('How long to wait at most.'),
  }),
  annotations: { readOnlyHint: true, openWorldHint: false },
  async run({ grant, approval: id, seconds }, call) {
    const { broker, signal } = call;
    const wait = new LongWait(seconds);
    let approval = await broker.getApproval(id, { signal });
    if (approval.grant !== grant || approval.kind !== 'statement') throw new BrokerError('approval_not_found');
    while (approval.state === 'pending') {
      const waitSeconds = wait.next();
      if (waitSeconds === undefined) break;
      call.progress(`The statement waits for ${waitsForText(toldApproval(approval, call.parts.pageOf))}.`);
      approval = await broker.getApproval(id, { waitSeconds, whileRevision: approval.revision, signal });
    }
    return decisionAnswer(approval, call);
  },
});

/** What became of a question about a statement. */
export function decisionAnswer(approval: ApprovalView, { parts }: ToolCall): ToolAnswer {
  const { id, grant, state } = approval;
  const common = { grant, approval: id, state };
  switch (state) {
    case 'pending': {
      const waitsFor = toldApproval(approval, parts.pageOf);
      const next = 'Call wait_for_statement again.';
      return { text: `It still waits for ${waitsForText(waitsFor)}. ${next}`, facts: { ...common, waitsFor, next } };
    }
    case 'approved': {
      const next = 'Send the same statement again, byte for byte and with the same values; it then runs.';
      return { text: `It is approved. ${next}`, facts: { ...common, next } };
    }
    default: {
      const told = approval.told.find(({ isNow }) => isNow);
      const text = told?.text ?? `The approval is ${state}, so the statement does not run.`;
      return { text, facts: { ...common, code: told?.code ?? null, reason: reasonOf(approval), told: text } };
    }
  }
}

/** In the words of the one who denied it, or took the approval back. */
function reasonOf({ decisions, withdrawals }: ApprovalView): string | null {
  return decisions.findLast(({ decision }) => decision === 'deny')?.reason ?? withdrawals.at(-1)?.reason ?? null;
}
