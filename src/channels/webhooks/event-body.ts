import type { ApprovalView } from '../../contracts/approvals/approval.js';
import type { EventDetail } from '../../domain/event.js';
import { approvalIdOf } from '../../domain/ids.js';
import type { ApprovalId } from '../../kernel/brand.js';
import type { EventRow } from '../../persistence/entities/channels/event.js';

/** Of a whole payload; what does not fit is left out, and the payload says so. */
export const PAYLOAD_BYTES_MAX = 262_144;

export type QuestionReader = (id: ApprovalId) => Promise<ApprovalView | undefined>;

/** The payload of an event, with what a webhook may have besides the facts. */
export async function eventBody(
  { type, atMs, data }: EventRow,
  include: readonly EventDetail[],
  questionOf: QuestionReader,
): Promise<string> {
  const details = await detailsOf(data, include, questionOf);
  const payload = (more: object): string =>
    JSON.stringify({ type, timestamp: new Date(atMs).toISOString(), data: { ...data, ...more } });
  const body = payload(details);
  return Buffer.byteLength(body) <= PAYLOAD_BYTES_MAX ? body : payload({ omitted: 'too_large' });
}

async function detailsOf(data: object, include: readonly EventDetail[], questionOf: QuestionReader): Promise<object> {
  if (include.length === 0 || !('approval' in data) || !('kind' in data) || data.kind !== 'statement') return {};
  const question = await questionOf(approvalIdOf(String(data.approval)));
  if (question === undefined) return {};
  const { statement, preview } = question;
  return {
    ...(include.includes('statement') && statement !== null ? { statement: withoutContext(statement) } : {}),
    ...(include.includes('rows') ? { preview } : {}),
  };
}

/** What the agent did before is not part of the statement. */
function withoutContext(asked: NonNullable<ApprovalView['statement']>): object {
  const { context: _, ...statement } = asked;
  return statement;
}
