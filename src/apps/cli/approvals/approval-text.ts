import type { ApprovalSummaryView, ApprovalView, PreviewView } from '../../../contracts/approvals/approval.js';
import { signInTermsText } from '../terminal/sign-in-terms-text.js';
import type { PlainField, PlainTable } from '../../../domain/headline.js';
import { sponsorText } from '../../../domain/identity/person.js';
import { shownLine, shownLines } from '../../../domain/visible-text.js';
import { unreachable } from '../../../kernel/assert.js';
import { textTable } from '../../../recording/replay/text-table.js';
import { timeLeft } from './approval-line.js';
import { type Paint, PLAIN } from '../terminal/paint.js';
import { COLUMNS_DEFAULT, columnsIn, pieces } from '../terminal/screen-lines.js';

const NAME_WIDTH = 11;
const CELL_CHARACTERS_MAX = 60;
const GAP = '  ';
const BAR = '  │ ';
const BAR_GOES_ON = '  ┊ ';
const WARNINGS: ReadonlySet<string> = new Set(['WARNING', 'UNKNOWN']);

/**
 * Everything that is needed to decide, on one screen of so many columns. It is safe to print whatever it holds, and no
 * text of others can look like a line of the broker's: the statement stands behind bars, and no line is longer than the
 * screen is wide.
 */
export function approvalText(approval: ApprovalView, nowMs: number, columns = COLUMNS_DEFAULT, paint = PLAIN): string {
  const { statement, request, digest } = approval;
  const head = [...aboutFields(approval, nowMs), ...whyFields(approval)];
  const asked = [...digest.values, ...operationFields(approval), ...requestFields(request)];
  const text = statement === null ? [] : ['', ...barred(statement.shown, columns), ''];
  return [
    ...lines(head, columns, paint),
    ...text,
    ...lines([...asked, ...previewFields(approval.preview), ...digest.preview], columns, paint),
    ...sampleLines(digest.sample, columns, paint),
    ...lines([...endFields(approval), ...newKeyFields(approval)], columns, paint),
  ]
    .join('\n')
    .trimEnd();
}

function aboutFields(approval: ApprovalSummaryView, nowMs: number): readonly PlainField[] {
  const { id, state, revision, kind, principal, sponsor, target, task, grant, database, inTransaction } = approval;
  const left = state === 'pending' ? `, ${timeLeft(approval, nowMs)} left` : '';
  const reference = task.reference === null ? '' : ` (${task.reference})`;
  return [
    ['approval', `${id}, ${state}${left}, revision ${revision}`],
    ['asked by', `${principal.name} (${principal.kind})`],
    ...(sponsor === null ? [] : [['sponsor', sponsorText(sponsor)] as const]),
    ['task', `${task.title}${reference}`],
    ['target', `${target}${database === null ? '' : `, database ${database}`}`],
    ['grant', kind === 'grant' ? `${grant}, which is requested` : grant],
    ...clientFields(approval),
    ...(inTransaction ? [['transaction', 'is open: it keeps its locks while this waits'] as const] : []),
  ];
}

/** Whether what is approved runs at once. */
function clientFields({ kind, state, clientWaits }: ApprovalSummaryView): readonly PlainField[] {
  if (kind === 'grant' || state !== 'pending') return [];
  if (clientWaits === null) return [['client', 'not known, because its gateway does not answer']];
  return [
    [
      'client',
      clientWaits
        ? 'waits: the statement runs as soon as it is approved'
        : 'does not wait: once approved, it runs when it is sent again',
    ],
  ];
}

function whyFields(approval: ApprovalSummaryView): readonly PlainField[] {
  const { why, warning, policies, approvers, quorum } = approval;
  const decided = signInTermsText(approval);
  const people = quorum === 1 ? 'one person' : `${quorum} people`;
  const groups = approvers.length === 0 ? '' : `, and one of each of ${approvers.join(', ')}`;
  return [
    ['why', why],
    ...(warning === null ? [] : [['WARNING', warning] as const]),
    ['policies', policies.join(', ')],
    ['needs', `${people}${groups}`],
    ...(decided === '' ? [] : [['decided', decided] as const]),
  ];
}

/** What was understood of it; where this version of the api does not know its protocol, what it is. */
function operationFields({ digest, excerpt }: ApprovalView): readonly PlainField[] {
  if (digest.operation.length > 0 || excerpt === null) return digest.operation;
  return [['does', `${excerpt.kind} (${excerpt.action})`]];
}

function requestFields(request: ApprovalView['request']): readonly PlainField[] {
  if (request === null) return [];
  return [['for', `${request.ttlSeconds} s from the approval on`]];
}

function previewFields(preview: PreviewView): readonly PlainField[] {
  switch (preview.state) {
    case 'none':
      return [];
    case 'hidden':
      return [['preview', 'not for your roles']];
    case 'pending':
      return [['preview', 'not there yet; look again in a moment']];
    case 'ready':
      return [['preview', `${rowsText(preview)} (at ${preview.takenAt})`]];
    default:
      return unreachable(preview);
  }
}

function rowsText({ affected }: Extract<PreviewView, { state: 'ready' }>): string {
  return affected.kind === 'exact' ? `exactly ${affected.rows} rows match` : `cannot be known: ${affected.why}`;
}

/** Some of the rows: as a table where that fits the screen, else value by value. */
function sampleLines(sample: PlainTable | null, screenColumns: number, paint: Paint): readonly string[] {
  if (sample === null) return [];
  const { columns, rows } = sample;
  const table = textTable(columns, rows);
  if (table.every((line) => columnsIn(line) <= screenColumns)) return table;
  const fields = rows.flatMap((row, index) =>
    columns.map((column, at) => [at === 0 ? `row ${index + 1}` : '', `${column} = ${cell(row[at] ?? null)}`] as const),
  );
  return lines(fields, screenColumns, paint);
}

function cell(value: string | null): string {
  if (value === null) return 'NULL';
  return value.length > CELL_CHARACTERS_MAX ? `${value.slice(0, CELL_CHARACTERS_MAX)}…` : value;
}

function endFields({
  decisions,
  withdrawals,
  scope,
  uses,
  usesMax,
  canDecide,
}: ApprovalSummaryView): readonly PlainField[] {
  return [
    ...decisions.map(({ principal, decision, reason, decidedWith, at }) => {
      const said = decision === 'approve' ? 'approved' : 'denied';
      const means = decidedWith === null ? '' : ` with ${decidedWith}`;
      return ['decision', `${principal} ${said}${means} at ${at}${reason === null ? '' : `: ${reason}`}`] as const;
    }),
    ...withdrawals.map(({ principal, withdrawnWith, at, reason }) => {
      return ['withdrawn', `${principal} took the approval back with ${withdrawnWith} at ${at}: ${reason}`] as const;
    }),
    ...(scope === null ? [] : [['scope', `${scopeText(scope)}; used ${uses} of ${usesMax ?? 1}`] as const]),
    ['you', canDecide.allowed ? 'can decide' : `cannot decide: ${canDecide.why ?? 'not yours'}`],
  ];
}

/** Anyone who has such a key decides in the viewer's name. */
function newKeyFields({ newKeys }: ApprovalView): readonly PlainField[] {
  return newKeys.map(({ id, label, madeBy, createdAt }) => {
    const called = label === null ? '' : ` (${label})`;
    const by = madeBy === null ? 'at the command line' : `by ${madeBy}`;
    return [
      'WARNING',
      `Your key ${id}${called} was made ${by} at ${createdAt}. If you do not know this key, have it revoked.`,
    ];
  });
}

function scopeText(scope: NonNullable<ApprovalSummaryView['scope']>): string {
  const rows = scope.rowsMax === null ? '' : `, at most ${scope.rowsMax} rows each`;
  return scope.kind === 'once' ? `once${rows}` : `this shape, ${scope.runsMax} times${rows}`;
}

function lines(fields: readonly PlainField[], columns: number, paint: Paint): readonly string[] {
  return fields.flatMap(([name, text]) => {
    const isWarning = WARNINGS.has(name);
    const paintName = isWarning ? paint.bad : paint.faint;
    return pieces(shownLine(text), columns - NAME_WIDTH - GAP.length).map((piece, index) => {
      const head = (index === 0 ? name : '').padEnd(NAME_WIDTH);
      return `${paintName(head)}${GAP}${isWarning ? paint.bad(piece) : piece}`;
    });
  });
}

function barred(text: string, columns: number): readonly string[] {
  return shownLines(text)
    .split('\n')
    .flatMap((line) =>
      pieces(line, columns - columnsIn(BAR)).map((piece, index) => `${index === 0 ? BAR : BAR_GOES_ON}${piece}`),
    );
}
