import { createInterface, type Interface } from 'node:readline/promises';
import type { ApprovalSummaryView, ApprovalView } from '../../../contracts/approvals/approval.js';
import { shownLine } from '../../../domain/visible-text.js';
import type { ApiClient } from '../../../client/api-client.js';
import { ApiFailure } from '../../../client/api-failure.js';
import { answerOf } from './approval-answer.js';
import { approvalChanges } from './approval-changes.js';
import { ApprovalInbox, CHANGED, SETTLED } from './approval-inbox.js';
import { approvalLine } from './approval-line.js';
import { approvalText } from './approval-text.js';
import { decide, outcomeText, readApproval, run, whyNotWithKey } from './approvals-work.js';
import type { AnswerOptions } from '../terminal/api-command.js';
import { jsonText } from '../terminal/json-text.js';
import { paintFor } from '../terminal/paint.js';
import { columnsOf, cutTo } from '../terminal/screen-lines.js';

const RULE = '─'.repeat(72);
/** How long a question waits for its preview before it is shown without, and how long one call of that waits. */
const PREVIEW_MS_MAX = 10_000;
const PREVIEW_CALL_SECONDS = 2;

/** Follows approvals until the person ends it. With a terminal on both sides the person is asked. */
export async function watch(options: AnswerOptions & { readonly input: boolean }): Promise<void> {
  const isAsking = options.input && options.json !== true && process.stdin.isTTY && process.stdout.isTTY;
  await run(options, (api) => (isAsking ? watchAndDecide(api) : watchOnly(api, options.json === true)));
}

/** One line for each change, or one JSON document. */
async function watchOnly(api: ApiClient, isJson: boolean): Promise<void> {
  for await (const { event, approvals } of approvalChanges(api, new AbortController().signal, tellLost)) {
    for (const approval of approvals) {
      const line = isJson
        ? jsonText({ event, approval }, 0)
        : cutTo(`${event.padEnd(9)}  ${approvalLine(approval, Date.now())}`, columnsOf(process.stdout) ?? Infinity);
      process.stdout.write(`${line}\n`);
    }
  }
}

/** Shows one approval after the other and asks; one that is decided elsewhere meanwhile is taken away. */
async function watchAndDecide(api: ApiClient): Promise<void> {
  const inbox = new ApprovalInbox();
  const gone = new AbortController();
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  terminal.once('close', () => {
    gone.abort();
    inbox.close();
  });
  const following = follow(api, inbox, gone.signal);
  following.catch(() => undefined); // it is awaited below, perhaps after it has failed
  try {
    process.stdout.write('Waiting for approvals; Ctrl-C ends this.\n');
    for (let id = await inbox.next(); id !== undefined; id = await inbox.next()) {
      if ((await askAbout(api, { terminal, inbox }, id)) === 'quit') return;
      inbox.put(id);
    }
  } finally {
    gone.abort();
    terminal.close();
    await following;
  }
}

async function follow(api: ApiClient, inbox: ApprovalInbox, gone: AbortSignal): Promise<void> {
  const told = new Set<string>();
  try {
    for await (const { event, approvals } of approvalChanges(api, gone, tellLost)) {
      if (event === 'pending') inbox.takeAll(approvals);
      else for (const approval of approvals) inbox.take(approval);
      for (const approval of approvals) tellOfPage(approval, told);
    }
  } finally {
    inbox.close();
  }
}

/** A question that no key decides is not asked here; the person learns once that it waits for them elsewhere. */
function tellOfPage(approval: ApprovalSummaryView, told: Set<string>): void {
  const why = whyNotWithKey(approval);
  if (why === null || told.has(approval.id)) return;
  told.add(approval.id);
  const line = cutTo(approvalLine(approval, Date.now()), columnsOf(process.stdout) ?? Infinity);
  process.stdout.write(`\n${line}\n${shownLine(why)}\n`);
}

function tellLost(why: string, retryMs: number): void {
  process.stderr.write(`\ndoorwarden approvals: ${shownLine(why)} Connecting again in ${retryMs / 1000} s.\n`);
}

interface Desk {
  readonly terminal: Interface;
  readonly inbox: ApprovalInbox;
}

async function askAbout(api: ApiClient, { terminal, inbox }: Desk, id: string): Promise<'next' | 'quit'> {
  for (let note = ''; ;) {
    let over: AbortSignal | undefined;
    try {
      const approval = await readWithPreview(api, inbox, id);
      if (inbox.isClosed) return 'quit';
      draw(approval, note);
      note = '';
      if (!approval.canDecide.allowed) return 'next';
      over = inbox.show(approval);
      over.throwIfAborted();
      const answer = await answerOf(terminal, approval, over);
      if (answer === 'quit') return 'quit';
      if (answer === 'skip') return 'next';
      if (answer === 'look') continue;
      process.stdout.write(`${outcomeText(await decide(api, id, { ...answer, revision: approval.revision }))}\n`);
      return 'next';
    } catch (error) {
      terminal.write(null, { ctrl: true, name: 'u' }); // what was half typed answered another screen
      if (over?.reason === CHANGED || (error instanceof ApiFailure && error.code === 'approval_changed')) {
        note = CHANGED.message;
        continue;
      }
      if (over?.reason === SETTLED) process.stdout.write(`\n${SETTLED.message}\n`);
      else if (over?.aborted === true) return 'quit';
      else if (error instanceof ApiFailure) process.stdout.write(`${shownLine(error.message)}\n`);
      else throw error;
      return 'next';
    }
  }
}

function draw(approval: ApprovalView, note: string): void {
  const { stdout } = process;
  const text = approvalText(approval, Date.now(), columnsOf(stdout), paintFor(stdout));
  stdout.write(`\n${note === '' ? '' : `\n${note}\n`}${RULE}\n${text}\n${RULE}\n`);
}

/** Nobody shall decide on what could be known a moment later: a statement is shown with its preview, if it comes in time. */
async function readWithPreview(api: ApiClient, inbox: ApprovalInbox, id: string): Promise<ApprovalView> {
  let approval = await readApproval(api, id);
  const untilMs = performance.now() + PREVIEW_MS_MAX;
  if (isWithoutPreview(approval)) process.stdout.write('\nLooking at what it would change …\n');
  while (isWithoutPreview(approval) && performance.now() < untilMs && !inbox.isClosed) {
    approval = await readApproval(api, id, PREVIEW_CALL_SECONDS);
  }
  return approval;
}

function isWithoutPreview({ state, preview }: ApprovalView): boolean {
  return state === 'pending' && preview.state === 'pending';
}
