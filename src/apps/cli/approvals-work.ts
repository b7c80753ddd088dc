import { approvalPage, type ApprovalView, approvalView } from '../../contracts/approval.js';
import type { ApprovalState } from '../../domain/approval.js';
import { shownJson, shownLine } from '../../domain/visible-text.js';
import { type ApiConnection, ApiFailure, apiOf } from './api-client.js';
import { approvalLine } from './approval-line.js';
import { approvalText } from './approval-text.js';
import { columnsOf } from './screen-lines.js';

const EXIT_FAILED = 1;

export interface Common {
  readonly api: string;
  readonly json?: boolean;
}

export interface ListOptions extends Common {
  readonly state: ApprovalState;
  readonly target?: string;
  readonly grant?: string;
  readonly limit: number;
}

export interface DenyOptions extends Common {
  readonly reason?: string;
}

export interface ApproveOptions extends DenyOptions {
  readonly rowsMax?: number;
  readonly shape?: boolean;
  readonly runs?: number;
}

export async function list({ state, target, grant, limit, ...options }: ListOptions): Promise<void> {
  await run(options, async (api) => {
    const query = new URLSearchParams({ state, limit: String(limit) });
    if (target !== undefined) query.set('target', target);
    if (grant !== undefined) query.set('grant', grant);
    const page = approvalPage.parse(await api.request('GET', `/v1/approvals?${query.toString()}`));
    const lines = page.items.map((approval) => approvalLine(approval, Date.now(), columnsOf(process.stdout)));
    if (page.next !== null) lines.push('… and more');
    print(options, page, lines.length === 0 ? `None is ${state}.` : lines.join('\n'));
  });
}

export async function show(id: string, options: Common): Promise<void> {
  await run(options, async (api) => {
    const approval = await readApproval(api, id);
    print(options, approval, approvalText(approval, Date.now(), columnsOf(process.stdout)));
  });
}

export async function approve(id: string, options: ApproveOptions): Promise<void> {
  await run(options, async (api) => {
    const { reason, ...wanted } = options;
    const approval = await decide(api, id, { decision: 'approve', ...scopeOf(wanted), ...reasonOf(reason) });
    print(options, approval, outcomeText(approval));
  });
}

export async function deny(id: string, { reason, ...options }: DenyOptions): Promise<void> {
  await run(options, async (api) => {
    const approval = await decide(api, id, { decision: 'deny', ...reasonOf(reason) });
    print(options, approval, outcomeText(approval));
  });
}

/** @throws ApiFailure */
export async function readApproval(api: ApiConnection, id: string): Promise<ApprovalView> {
  return approvalView.parse(await api.request('GET', `/v1/approvals/${encodeURIComponent(id)}`));
}

/** @throws ApiFailure */
export async function decide(api: ApiConnection, id: string, body: object): Promise<ApprovalView> {
  return approvalView.parse(await api.request('POST', `/v1/approvals/${encodeURIComponent(id)}/decisions`, body));
}

/** How it stands after a decision. */
export function outcomeText({ id, state, quorum, decisions }: ApprovalView): string {
  if (state !== 'pending') return `${id} is ${state}.`;
  return `${id} waits for more people: ${decisions.length} of ${quorum} have approved.`;
}

/** Runs with the API, and says in one line what went wrong. */
export async function run({ api }: Common, work: (api: ApiConnection) => Promise<void>): Promise<void> {
  try {
    await work(apiOf(api, process.env));
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error;
    process.stderr.write(`doorwarden approvals: ${shownLine(error.message)}\n`);
    process.exitCode = EXIT_FAILED;
  }
}

/** No scope unless one is asked for: then it is the API's own, which a grant is approved with too. */
function scopeOf({ shape, runs, rowsMax }: ApproveOptions): object {
  if (shape === true && runs === undefined) throw new ApiFailure('Say with --runs how many statements may run.', null);
  if (shape !== true && runs !== undefined) throw new ApiFailure('--runs goes with --shape.', null);
  const rows = rowsMax === undefined ? {} : { rowsMax };
  if (shape === true) return { scope: { kind: 'shape', runsMax: runs, ...rows } };
  return rowsMax === undefined ? {} : { scope: { kind: 'once', ...rows } };
}

function reasonOf(reason: string | undefined): object {
  return reason === undefined ? {} : { reason };
}

/** JSON that says the same and speaks to no terminal; its own line breaks are the only ones. */
export function jsonText(answer: unknown, indent: 0 | 2 = 2): string {
  return JSON.stringify(answer, null, indent)
    .split('\n')
    .map((line) => shownJson(line))
    .join('\n');
}

function print({ json }: Common, answer: unknown, text: string): void {
  process.stdout.write(`${json ? jsonText(answer) : text}\n`);
}
