import type { ApprovalView } from '../contracts/approval.js';
import type { GrantDetailView, GrantView } from '../contracts/grant.js';
import { shownLine } from '../domain/visible-text.js';
import { ERROR_TABLE, isErrorCode } from '../kernel/errors.js';
import { failureText, withStep } from './failure-answer.js';
import { toldApproval, type ToldApproval, waitsForText } from './told-approval.js';
import type { ToolAnswer, ToolCall } from './tool.js';

/** Where a grant stands, with what people are asked about it. */
export interface SeenGrant {
  readonly grant: GrantDetailView;
  /** Only while people are asked whether it may be opened. */
  readonly approval: ApprovalView | undefined;
}

/** Looks what people are asked about a grant that is not open yet. */
export async function seenGrant(grant: GrantDetailView, { broker, signal }: ToolCall): Promise<SeenGrant> {
  const question = grant.state === 'requested' ? grant.waiting.find(({ kind }) => kind === 'grant') : undefined;
  const approval = question === undefined ? undefined : await broker.approval(question.id, { signal });
  return { grant, approval: approval?.state === 'pending' ? approval : undefined };
}

/** The shape that all tools about a grant answer with. A wait that is over is no error; a grant that was refused is one. */
export function grantAnswer({ grant, approval }: SeenGrant, { parts }: ToolCall): ToolAnswer {
  const waitsFor = approval === undefined ? null : toldApproval(approval, parts.pageOf);
  const { id, state, target, deadline, closeReason, outlook } = grant;
  const said = stateWords(grant, waitsFor, parts.runsStatements);
  const facts = {
    grant: id,
    state,
    target,
    deadline,
    waitsFor,
    ...(outlook === null ? {} : { outlook: outlook.words }),
    ...(closeReason === null ? {} : { closeReason }),
    next: said.next,
  };
  if (state === 'refused') return refusedAnswer(grant, facts);
  return { text: `${said.now} ${said.next}`, facts };
}

/** What a tool tells while it waits for a grant. */
export function waitingText({ grant, approval }: SeenGrant, { parts }: ToolCall): string {
  if (approval !== undefined) return `Waits for ${waitsForText(toldApproval(approval, parts.pageOf))}.`;
  return grant.state === 'requested' ? 'Waits for a gateway to open the grant.' : `The grant is ${grant.state}.`;
}

interface StateWords {
  readonly now: string;
  readonly next: string;
}

function stateWords(grant: GrantDetailView, waitsFor: ToldApproval | null, runsStatements: boolean): StateWords {
  const { id, state, deadline } = grant;
  switch (state) {
    case 'requested': {
      const now =
        waitsFor === null
          ? 'The grant waits for a gateway to open it.'
          : `The grant waits for ${waitsForText(waitsFor)}.`;
      return { now, next: `Call wait_for_access with grant "${id}"; do not ask for another grant.` };
    }
    case 'active': {
      const or = runsStatements ? ' or run_statement' : '';
      const next = `Call get_connection${or} with grant "${id}", and close_access when the task is done.`;
      return { now: `The grant is active until ${deadline}.${outlookWords(grant)}`, next };
    }
    default:
      return { now: overWords(grant), next: 'If the task goes on, ask for a new grant with request_access.' };
  }
}

function outlookWords({ outlook }: GrantDetailView): string {
  return outlook === null ? '' : ` ${outlook.words}`;
}

export function overWords({ state, closeReason, closedBy }: GrantView): string {
  const by = closedBy === null ? '' : ` by ${shownLine(closedBy)}`;
  return `The grant is ${state}${closeReason === null ? '' : `: ${closeReason}${by}`}.`;
}

function refusedAnswer({ refusal }: GrantDetailView, facts: Readonly<Record<string, unknown>>): ToolAnswer {
  const code = refusal?.code ?? 'open_failed';
  const row = ERROR_TABLE[isErrorCode(code) ? code : 'open_failed'];
  const detail = refusal?.detail ?? null;
  const error = { code, message: detail === null ? row.title : `${row.title} ${detail}`, next: row.next };
  return { text: failureText(error), facts: { ...facts, next: row.next, error: withStep(error) }, isError: true };
}
