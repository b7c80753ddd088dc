import type { Interface } from 'node:readline/promises';
import type { ApprovalView } from '../../../contracts/approvals/approval.js';
import { SCOPE_ROWS_MAX, SHAPE_RUNS_MAX } from '../../../domain/approval-rules.js';

/** What the person at the terminal wants; a decision is what the API takes. */
export type TerminalAnswer = 'quit' | 'skip' | 'look' | TerminalDecision;

export interface TerminalDecision {
  readonly decision: 'approve' | 'deny';
  readonly reason?: string;
  readonly scope?:
    | { readonly kind: 'once'; readonly rowsMax: number | null }
    | { readonly kind: 'shape'; readonly runsMax: number; readonly rowsMax: number | null };
}

type Scope = NonNullable<TerminalDecision['scope']>;

/** Statements whose rows are counted, so that more of them can be rolled back. */
const COUNTED: ReadonlySet<string> = new Set(['insert', 'update', 'delete', 'replace']);

/** Asks until there is an answer. @throws the reason of the signal, when it need not be answered any more */
export async function answerOf(
  terminal: Interface,
  approval: ApprovalView,
  signal: AbortSignal,
): Promise<TerminalAnswer> {
  const ask = async (question: string): Promise<string> => (await terminal.question(question, { signal })).trim();
  const withBounds = approval.statement === null ? '' : 'b approve with bounds, ';
  for (;;) {
    const key = await ask(`a approve, ${withBounds}d deny, s skip, l look again, q quit: `);
    switch (key.toLowerCase()) {
      case 'a': {
        const scope = offeredScope(approval);
        if ((await ask(`Approve ${scopeText(scope)}? yes or no: `)) !== 'yes') continue;
        return { decision: 'approve', ...(scope === undefined ? {} : { scope }) };
      }
      case 'b': {
        if (approval.statement === null) continue;
        const scope = await askedScope(approval, ask);
        if (scope === undefined || (await ask(`Approve ${scopeText(scope)}? yes or no: `)) !== 'yes') continue;
        return { decision: 'approve', scope };
      }
      case 'd': {
        const reason = await ask('Reason, which the agent is told (may be empty): ');
        if ((await ask('Deny it? yes or no: ')) !== 'yes') continue;
        return { decision: 'deny', ...(reason === '' ? {} : { reason }) };
      }
      case 's':
        return 'skip';
      case 'l':
        return 'look';
      case 'q':
        return 'quit';
      default:
        continue;
    }
  }
}

/** The API's own offer: where it is known how many rows match, no more than these. A grant has no scope. */
function offeredScope({ excerpt, offeredScope: offered }: ApprovalView): Scope | undefined {
  return isCounted(excerpt) ? (offered ?? undefined) : undefined;
}

function isCounted(excerpt: ApprovalView['excerpt']): boolean {
  return COUNTED.has(excerpt?.action ?? '');
}

/** Undefined for what is no number that may stand there. */
async function askedScope(
  approval: ApprovalView,
  ask: (question: string) => Promise<string>,
): Promise<Scope | undefined> {
  const matching = offeredScope(approval)?.rowsMax ?? null;
  let rowsMax: number | null | undefined = null;
  if (isCounted(approval.excerpt)) {
    const offered = matching === null ? 'any number' : String(matching);
    const typed = await ask(`Rows that it may change at most (Enter: ${offered}; -: any number): `);
    rowsMax = typed === '' ? matching : typed === '-' ? null : whole(typed, 0, SCOPE_ROWS_MAX);
  }
  const typedRuns = await ask('How many statements of this shape, with other values too (Enter: this one alone): ');
  const runsMax = typedRuns === '' ? null : whole(typedRuns, 1, SHAPE_RUNS_MAX);
  if (rowsMax === undefined || runsMax === undefined) return undefined;
  return runsMax === null ? { kind: 'once', rowsMax } : { kind: 'shape', runsMax, rowsMax };
}

function scopeText(scope: Scope | undefined): string {
  if (scope === undefined) return 'it as it stands above';
  const rows = scope.rowsMax === null ? 'any number of rows' : scope.rowsMax === 1 ? '1 row' : `${scope.rowsMax} rows`;
  const most = scope.rowsMax === null ? rows : `at most ${rows}`;
  return scope.kind === 'once' ? `it once, for ${most}` : `${scope.runsMax} statements of this shape, for ${most} each`;
}

function whole(text: string, min: number, max: number): number | undefined {
  const value = Number(text);
  return /^\d{1,10}$/.test(text) && value >= min && value <= max ? value : undefined;
}
