import type { ApprovalSummaryView, ApprovalView } from '../../../contracts/approvals/approval.js';
import type { ApprovalState } from '../../../domain/approval.js';
import { ApiFailure } from '../../../client/api-failure.js';
import { type ApiClient, formView } from '../../../client/api-client.js';
import { ANSWER_FORMS } from '../answers.forms.js';
import { apiOf } from '../api-option.js';
import type { AnswerOptions } from '../terminal/api-command.js';
import { approvalLine } from './approval-line.js';
import { approvalText } from './approval-text.js';
import { runCommand, UsageFailure } from '../terminal/conventions.js';
import { endWithReader, printAnswer } from '../terminal/print-answer.js';
import { paintFor } from '../terminal/paint.js';
import { shortIds, wholeId } from '../terminal/short-id.js';
import { columnsOf } from '../terminal/screen-lines.js';

const APPROVAL = formView(ANSWER_FORMS.approval);

export interface ApprovalsListOptions extends AnswerOptions {
  readonly state: ApprovalState;
  readonly target?: string;
  readonly grant?: string;
  readonly limit: number;
  readonly quiet?: boolean;
}

export interface DenyOptions extends AnswerOptions {
  readonly reason?: string;
  readonly revision?: number;
}

export interface WithdrawOptions extends DenyOptions {
  readonly reason: string;
}

export interface ApproveOptions extends DenyOptions {
  readonly rowsMax?: number;
  readonly anyRows?: boolean;
  readonly shape?: boolean;
  readonly runs?: number;
}

export async function list({ state, target, grant, limit, quiet, ...options }: ApprovalsListOptions): Promise<void> {
  await run(options, async (api) => {
    const query = new URLSearchParams({ state, limit: String(limit) });
    if (target !== undefined) query.set('target', target);
    if (grant !== undefined) query.set('grant', await wholeId(api, '/v1/grants', grant));
    const page = await api.get(`/v1/approvals?${query.toString()}`, formView(ANSWER_FORMS.approvals));
    if (quiet === true && options.json !== true) {
      endWithReader();
      process.stdout.write(page.items.map(({ id }) => `${id}\n`).join(''));
      return;
    }
    const lines = listLines(page.items);
    if (page.next !== null) lines.push('… and more; see --limit, --target and --grant');
    print(options, page, lines.length === 0 ? `None is ${state}.` : lines.join('\n'));
  });
}

/** Anyone who reads on a terminal types ids; a script takes them whole. */
function listLines(approvals: readonly ApprovalSummaryView[]): string[] {
  const { stdout } = process;
  const ids = stdout.isTTY ? shortIds(approvals.map(({ id }) => id)) : new Map<string, string>();
  return approvals.map((approval) => {
    const shortened = { ...approval, id: ids.get(approval.id) ?? approval.id };
    return approvalLine(shortened, Date.now(), columnsOf(stdout), paintFor(stdout));
  });
}

export async function show(id: string, options: AnswerOptions): Promise<void> {
  await run(options, async (api) => {
    const approval = await readApproval(api, await wholeId(api, '/v1/approvals', id));
    const text = approvalText(approval, Date.now(), columnsOf(process.stdout), paintFor(process.stdout));
    print(options, approval, text);
  });
}

export async function approve(id: string, options: ApproveOptions): Promise<void> {
  await run(options, async (api) => {
    const { reason, revision, ...wanted } = options;
    const whole = await wholeId(api, '/v1/approvals', id);
    const wantedScope = scopeOf(wanted); // says first what does not go together
    const asked = await readApproval(api, whole);
    requireKeyMayDecide(asked);
    const offered = isOffered(wanted) ? asked.offeredScope : null;
    const scope = offered === null ? wantedScope : { scope: offered };
    const read = { revision: revision ?? asked.revision };
    const approval = await decide(api, whole, { decision: 'approve', ...scope, ...reasonOf(reason), ...read });
    print(options, approval, `${outcomeText(approval)}${limitText(offered?.rowsMax ?? null)}`);
  });
}

export async function deny(id: string, { reason, revision, ...options }: DenyOptions): Promise<void> {
  await run(options, async (api) => {
    const whole = await wholeId(api, '/v1/approvals', id);
    const read = revision === undefined ? {} : { revision };
    const approval = await decide(api, whole, { decision: 'deny', ...reasonOf(reason), ...read });
    print(options, approval, outcomeText(approval));
  });
}

export async function withdraw(id: string, { reason, revision, ...options }: WithdrawOptions): Promise<void> {
  await run(options, async (api) => {
    const whole = await wholeId(api, '/v1/approvals', id);
    const body = { reason, ...(revision === undefined ? {} : { revision }) };
    const approval = await api.post(`/v1/approvals/${encodeURIComponent(whole)}/withdraw`, body, APPROVAL);
    print(options, approval, outcomeText(approval));
  });
}

/** With seconds to wait, once something has changed or they are over. @throws ApiFailure */
export async function readApproval(api: ApiClient, id: string, waitSeconds = 0): Promise<ApprovalView> {
  return api.get(`/v1/approvals/${encodeURIComponent(id)}?wait=${waitSeconds}`, APPROVAL);
}

/** @throws ApiFailure */
export async function decide(api: ApiClient, id: string, body: object): Promise<ApprovalView> {
  return api.post(`/v1/approvals/${encodeURIComponent(id)}/decisions`, body, APPROVAL);
}

const NOT_WITH_A_KEY: ReadonlySet<string | null> = new Set(['approval_web_only', 'reauthentication_required']);

/** A key says no sign-in, so that some questions are not for the command line. */
export function whyNotWithKey({ canDecide }: Pick<ApprovalSummaryView, 'canDecide'>): string | null {
  return NOT_WITH_A_KEY.has(canDecide.code) ? `${canDecide.why ?? ''} Decide on the web page.` : null;
}

/** Says so before anything is sent. @throws ApiFailure */
function requireKeyMayDecide(asked: ApprovalView): void {
  const why = whyNotWithKey(asked);
  if (why !== null) throw new ApiFailure(why, asked.canDecide.code);
}

/** How it stands after a decision. */
export function outcomeText({ id, state, quorum, decisions }: ApprovalView): string {
  if (state !== 'pending') return `${id} is ${state}.`;
  return `${id} waits for more people: ${decisions.length} of ${quorum} have approved.`;
}

/** Runs with the API, and says in one line what went wrong. */
export async function run(options: AnswerOptions, work: (api: ApiClient) => Promise<void>): Promise<void> {
  await runCommand('approvals', () => work(apiOf(options, process.env)));
}

/** Nothing was said of how far it reaches. */
function isOffered({ shape, rowsMax, anyRows }: ApproveOptions): boolean {
  return shape !== true && rowsMax === undefined && anyRows !== true;
}

/** What nobody has typed is said. */
function limitText(rowsMax: number | null): string {
  if (rowsMax === null) return '';
  const rows = rowsMax === 1 ? '1 row, the one that matches' : `${rowsMax} rows, those that match`;
  return `\nIt may now change at most ${rows}. Use --any-rows to approve it without that limit.`;
}

/** No scope unless one is asked for: then it is the API's own, which a grant is approved with too. */
function scopeOf({ shape, runs, rowsMax, anyRows }: ApproveOptions): object {
  if (anyRows === true && rowsMax !== undefined) {
    throw new UsageFailure('Use either --any-rows or --rows-max, not both.');
  }
  if (shape === true && runs === undefined)
    throw new UsageFailure('With --shape, say with --runs how many statements may run.');
  if (shape !== true && runs !== undefined) throw new UsageFailure('Use --runs only with --shape.');
  const rows = rowsMax === undefined ? {} : { rowsMax };
  if (shape === true) return { scope: { kind: 'shape', runsMax: runs, ...rows } };
  return rowsMax === undefined ? {} : { scope: { kind: 'once', ...rows } };
}

function reasonOf(reason: string | undefined): object {
  return reason === undefined ? {} : { reason };
}

function print(options: AnswerOptions, answer: unknown, text: string): void {
  printAnswer(options, answer, () => text);
}
