import { shownLine } from '../../domain/visible-text.js';
import type { ApprovalAsked, ApprovalDecided, SessionClosed } from '../entries/entries.js';
import { bodyOf, resultLines, titleOf } from './entry-text.js';
import { isDenied, startUs, wasForwarded } from './step-facts.js';
import type { OperationStep, StoryStep, StepTimes } from './story.js';
import type { ReplayedForwarded, ReplayWords } from './teller.js';

/** A step in plain words: what it was and came to, in one line, and what it says besides that. */
export interface StepText {
  readonly head: string;
  readonly body: readonly string[];
  readonly tone: 'changed' | 'refused' | 'plain';
}

const OUTCOMES: Readonly<Record<ApprovalDecided['outcome'], string>> = {
  approved: 'approved',
  denied: 'denied',
  'timed-out': 'nobody decided in time',
  cancelled: 'cancelled with its grant',
  withdrawn: 'approved, and the approval taken back',
  abandoned: 'its client did not wait',
};

const LEFT: Readonly<Record<SessionClosed['reason'], string>> = {
  'client-quit': 'its client said goodbye',
  'client-gone': 'its client went away',
  'target-gone': 'the target closed it',
  'grant-closed': 'its grant ended',
  killed: 'another session of its grant ended it with KILL',
  refused: 'it was refused',
  failed: 'it failed',
};

export function stepText(step: StoryStep, nouns: ReplayWords): StepText {
  const [first] = step.entries;
  if (first === undefined) return { head: '', body: [], tone: 'plain' };
  const at = timeText(startUs(step));
  switch (step.kind) {
    case 'operation':
      return operationText(at, step, nouns);
    case 'note': {
      const { note, result } = step;
      const body = result === undefined ? [] : resultLines(result, 'plain');
      return { head: `${at}  session ${step.session}  ${note.told.title('plain')}`, body, tone: 'plain' };
    }
    case 'refused': {
      const { name, code } = step.refused;
      const head = `${at}  session ${step.session}  refused: ${shownLine(code)} (${shownLine(name)})`;
      return { head, body: [], tone: 'refused' };
    }
    default: {
      const { entry } = first;
      const title = entry.type === 'session.closed' ? closedText(entry) : titleOf(first, nouns);
      return {
        head: `${at}  ${title}`,
        body: bodyOf(first, nouns),
        tone: entry.type === 'session.refused' ? 'refused' : 'plain',
      };
    }
  }
}

/** A step in one line: what it was and came to, and what an operation does. */
export function stepLine(step: StoryStep, nouns: ReplayWords): string {
  const { head } = stepText(step, nouns);
  if (step.kind !== 'operation') return head;
  const { told } = step.operation;
  return `${head}  ${told.title()}  ${told.oneLine()}`;
}

function operationText(at: string, step: OperationStep, nouns: ReplayWords): StepText {
  const { session, operation, forwarded, result, times } = step;
  const { why } = operation.entry;
  return {
    head: `${at}  session ${session}  ${nouns.operation} ${operation.entry.operation}: ${outcomeText(step)}`,
    body: [
      ...operation.told.lines('plain'),
      ...(why === undefined ? [] : [`why: ${shownLine(why)}`]),
      ...step.entries.flatMap(({ entry }) => {
        if (entry.type === 'approval.asked') return [askedText(entry)];
        return entry.type === 'approval.decided' ? decisionTexts(entry) : [];
      }),
      ...(forwarded === undefined ? [] : forwardedText(forwarded)),
      ...(result === undefined ? [] : resultLines(result, 'plain')),
      ...timesText(times),
    ],
    tone: toneOf(step),
  };
}

function toneOf(step: OperationStep): StepText['tone'] {
  if (isDenied(step)) return 'refused';
  return (step.result?.told.changed ?? 0) > 0 ? 'changed' : 'plain';
}

function outcomeText(step: OperationStep): string {
  const { operation, asked, decided } = step;
  const held =
    asked === undefined ? [] : ['held', decided === undefined ? 'nobody has decided' : OUTCOMES[decided.outcome]];
  const denied = operation.entry.verdict === 'deny' ? ['denied by policy'] : [];
  return [...held, ...denied, endText(step)].join(', ');
}

function endText(step: OperationStep): string {
  const { result } = step;
  if (result === undefined) return wasForwarded(step) ? 'no answer is recorded' : 'not run';
  if (result.entry.outcome === 'unknown') return 'its answer never came, it may have taken effect';
  return result.entry.outcome === 'error' && !wasForwarded(step) ? 'not run' : result.told.cameTo;
}

function closedText({ session, reason, code }: SessionClosed): string {
  return `session ${session} closed: ${LEFT[reason]}${code === undefined ? '' : ` (${shownLine(code)})`}`;
}

function askedText({ approval, approvers, quorum, again }: ApprovalAsked): string {
  const who = approvers.length === 0 ? 'any approver' : approvers.map(shownLine).join(', ');
  const people = quorum === 1 ? 'one must approve' : `${quorum} must approve`;
  return `asked: ${who}, ${people} (approval ${shownLine(approval)}${again ? ', which had been asked before' : ''})`;
}

function decisionTexts({ decisions, scope }: ApprovalDecided): readonly string[] {
  const lines = decisions.map(({ by, decision, reason, at }) => {
    const said = decision === 'approve' ? 'approved' : 'denied';
    return `${said} by ${shownLine(by)} at ${at}${reason === null ? '' : `: ${shownLine(reason)}`}`;
  });
  return scope === undefined ? lines : [...lines, `approved for: ${shownLine(scope)}`];
}

function forwardedText({ entry: { given }, told }: ReplayedForwarded): readonly string[] {
  return [
    ...(given === undefined ? [] : [`was given for it alone: ${given.map(shownLine).join('; ')}`]),
    ...told.lines('plain'),
  ];
}

/** The parts of the time from arrival to answer; they add up. */
function timesText({ arrivedUs, judgedUs, decidedUs, forwardedUs, answeredUs }: StepTimes): readonly string[] {
  if (arrivedUs === undefined || answeredUs === undefined) return [];
  const moments: [name: string, us: number | undefined][] = [
    ['judged', judgedUs],
    ['waited for people', decidedUs],
    ['made ready', forwardedUs === judgedUs ? undefined : forwardedUs],
    [forwardedUs === undefined ? 'turned away' : 'ran', answeredUs],
  ];
  let beforeUs = arrivedUs;
  const parts: string[] = [];
  for (const [name, us] of moments) {
    if (us === undefined) continue;
    parts.push(`${name} ${milliseconds(us - beforeUs)}`);
    beforeUs = us;
  }
  return [`time: ${parts.join(' + ')} = ${milliseconds(answeredUs - arrivedUs)} ms`];
}

function milliseconds(us: number): string {
  return (us / 1000).toFixed(3);
}

function timeText(us: number): string {
  return `+${(us / 1_000_000).toFixed(6)}s`;
}
