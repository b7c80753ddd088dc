import { ApiFailure } from '../client/api-failure.js';
import type { GrantDetailView, GrantView } from '../contracts/grants/grant.js';
import { shownLine } from '../domain/visible-text.js';
import { ERROR_TABLE, isErrorCode } from '../kernel/errors/error-table.js';
import { failureText, withStep } from './failure-answer.js';
import { toldApproval, type ToldApproval, toldQuestion, waitsForText } from './told-approval.js';
import type { ToolAnswer, ToolCall } from './tool.js';

/** Where a grant stands, with what people are asked about it. */
export interface SeenGrant {
  readonly grant: GrantDetailView;
  /** Null unless people are asked whether it may be opened. */
  readonly waitsFor: ToldApproval | null;
}

/** Looks what people are asked about a grant that is not open yet. */
export async function seenGrant(grant: GrantDetailView, call: ToolCall): Promise<SeenGrant> {
  const question = grant.state === 'requested' ? grant.waiting.find(({ kind }) => kind === 'grant') : undefined;
  return { grant, waitsFor: question === undefined ? null : await askedPeople(question, call) };
}

/** A key may be good for grants and not for approvals: then the grant itself says what it knows. */
async function askedPeople(
  question: GrantDetailView['waiting'][number],
  { broker, parts, signal }: ToolCall,
): Promise<ToldApproval | null> {
  try {
    const approval = await broker.getApproval(question.id, { signal });
    return approval.state === 'pending' ? toldApproval(approval, parts.pageOf) : null;
  } catch (error) {
    if (error instanceof ApiFailure && error.code === 'forbidden') return toldQuestion(question, parts.pageOf);
    throw error;
  }
}

/** The shape that all tools about a grant answer with. A wait that is over is no error; a grant that was refused is one. */
export function grantAnswer({ grant, waitsFor }: SeenGrant, { parts }: ToolCall): ToolAnswer {
  const { id, state, target, deadline, closeReason, outlook } = grant;
  const said = stateWords(grant, waitsFor, runsStatementsOf(grant, parts));
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

/** Whether the server runs statements under a grant: targets of other protocols have a client of the agent's own. */
function runsStatementsOf({ protocol }: GrantDetailView, { statements, runsStatements }: ToolCall['parts']): boolean {
  return runsStatements && statements?.knows(protocol) === true;
}

/** What a tool tells while it waits for a grant. */
export function waitingText({ grant, waitsFor }: SeenGrant): string {
  if (waitsFor !== null) return `Waits for ${waitsForText(waitsFor)}.`;
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
