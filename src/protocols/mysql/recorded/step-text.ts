import { shownLine, shownLines } from '../../../domain/visible-text.js';
import { rowLines } from '../../../recording/entries/bulk-values.js';
import type { ApprovalAsked, ApprovalDecided, SessionClosed } from '../../../recording/entries/entries.js';
import type { CommandResult, StatementForwarded } from './bodies.js';
import type { StatementStep, Step, StepTimes } from './story.js';
import { bodyOf, resultBody, textOf, titleOf, valueOf } from './transcript.js';

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

export function stepText(step: Step): StepText {
  const [first] = step.entries;
  if (first === undefined) return { head: '', body: [], tone: 'plain' };
  const at = timeText(startUs(step));
  switch (step.kind) {
    case 'statement':
      return statementText(at, step);
    case 'command': {
      const { name, body: said } = step.command;
      const { result } = step;
      const what = commandText(name, shownLine(said?.argument ?? ''));
      const body = result === undefined ? [] : resultBody(result.entry, result.response);
      return { head: `${at}  session ${step.session}  ${what}`, body, tone: 'plain' };
    }
    case 'refused': {
      const { name, code } = step.refused;
      const head = `${at}  session ${step.session}  refused: ${shownLine(code)} (${shownLine(name)})`;
      return { head, body: [], tone: 'refused' };
    }
    default: {
      const { entry } = first;
      const title = entry.type === 'session.closed' ? closedText(entry) : titleOf(entry);
      return {
        head: `${at}  ${title}`,
        body: bodyOf(first),
        tone: entry.type === 'session.refused' ? 'refused' : 'plain',
      };
    }
  }
}

/** When the step began, in microseconds of the recording's clock. */
export function startUs(step: Step): number {
  if (step.kind === 'statement') return step.times.arrivedUs ?? step.times.judgedUs;
  return Math.round(step.entries[0]?.entry.mono ?? 0);
}

/** Rows that the statement changed, by what the target said. */
export function changedRows(result: CommandResult | undefined): number {
  const parts = result?.outcome === 'ok' ? result.body.results : [];
  return parts.reduce((rows, part) => rows + (part.kind === 'ok' ? Number(part.affectedRows) : 0), 0);
}

function statementText(at: string, step: StatementStep): StepText {
  const { session, statement, forwarded, result, times } = step;
  const values = (statement.body.values ?? []).map(
    (value, index) => `value ${index + 1} = ${plainType(valueOf(value))}`,
  );
  return {
    head: `${at}  session ${session}  statement ${statement.operation}: ${outcomeText(step)}`,
    body: [
      ...shownLines(textOf(statement)).split('\n'),
      ...values,
      ...rowLines(statement.body.bulk, (value) => plainType(valueOf(value))),
      ...(statement.why === undefined ? [] : [`why: ${shownLine(statement.why)}`]),
      ...step.entries.flatMap(({ entry }) => {
        if (entry.type === 'approval.asked') return [askedText(entry)];
        return entry.type === 'approval.decided' ? decisionTexts(entry) : [];
      }),
      ...(forwarded === undefined ? [] : forwardedText(forwarded)),
      ...(result === undefined ? [] : resultBody(result.entry, result.response)),
      ...timesText(times),
    ],
    tone: toneOf(step),
  };
}

function toneOf({ decided, statement, times, result }: StatementStep): StepText['tone'] {
  const isTurned = times.forwardedUs === undefined && result?.entry.outcome === 'error';
  const isDenied = statement.verdict === 'deny' || (decided !== undefined && decided.outcome !== 'approved');
  if (isDenied || isTurned) return 'refused';
  return changedRows(result?.entry) > 0 ? 'changed' : 'plain';
}

function outcomeText({ statement, asked, decided, forwarded, result, times }: StatementStep): string {
  const held =
    asked === undefined ? [] : ['held', decided === undefined ? 'nobody has decided' : OUTCOMES[decided.outcome]];
  const denied = statement.verdict === 'deny' ? ['denied by policy'] : [];
  return [...held, ...denied, endText(result?.entry, times.forwardedUs !== undefined || forwarded !== undefined)].join(
    ', ',
  );
}

function endText(result: CommandResult | undefined, wasForwarded: boolean): string {
  if (result === undefined) return wasForwarded ? 'no answer is recorded' : 'not run';
  if (result.outcome === 'unknown') return 'its answer never came, it may have taken effect';
  if (result.outcome === 'error' && !wasForwarded) return 'not run';
  if (result.outcome === 'error') {
    return result.name === 'COM_STMT_BULK_EXECUTE' ? 'failed; rows of values before may have been run' : 'failed';
  }
  const [part] = result.body.results;
  if (result.name === 'COM_STMT_PREPARE') return 'prepared';
  if (part?.kind === 'rows') return part.rows === 1 ? '1 row read' : `${part.rows} rows read`;
  const rows = changedRows(result);
  return rows === 0 ? 'done' : rows === 1 ? '1 row changed' : `${rows} rows changed`;
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

function forwardedText({ given, body }: StatementForwarded): readonly string[] {
  return [
    ...(given === undefined ? [] : [`was given for it alone: ${given.map(shownLine).join('; ')}`]),
    ...(body === undefined ? [] : [`would have been rolled back above ${body.rowsMax} rows`]),
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

/** `3 (double)` for `3 (MYSQL_TYPE_DOUBLE)`; the type stands last. */
function plainType(value: string): string {
  return value.replace(/\(MYSQL_TYPE_([A-Z0-9_]+)([^()]*)\)$/, (_, type: string, more: string) => {
    return `(${type.toLowerCase().replaceAll('_', ' ')}${more})`;
  });
}

/** What the protocol calls otherwise. */
function commandText(command: string, argument: string): string {
  const words: Readonly<Record<string, string>> = {
    COM_INIT_DB: `enters the database ${argument}`,
    COM_STMT_FETCH: `fetches more rows of the statement prepared as ${argument}`,
    COM_FIELD_LIST: `lists the columns of ${argument}`,
    COM_PING: 'ping',
    COM_RESET_CONNECTION: 'resets the session',
    COM_STMT_CLOSE: `closes the statement prepared as ${argument}`,
    COM_STMT_RESET: `resets the statement prepared as ${argument}`,
    COM_STATISTICS: 'asks for statistics',
  };
  return words[command] ?? `${shownLine(command)} ${argument}`.trim();
}
