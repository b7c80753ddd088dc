import { createInterface, type Interface } from 'node:readline/promises';
import { z } from 'zod';
import {
  APPROVAL_EVENTS,
  type ApprovalEvent,
  approvalSummaryView,
  type ApprovalSummaryView,
  pendingEvent,
} from '../../contracts/approval.js';
import { shownLine } from '../../domain/visible-text.js';
import { type ApiConnection, ApiFailure } from './api-client.js';
import { ApprovalInbox, SETTLED } from './approval-inbox.js';
import { approvalLine } from './approval-line.js';
import { approvalText } from './approval-text.js';
import { jsonText } from './json-text.js';
import { type Common, decide, outcomeText, readApproval, run } from './approvals-work.js';
import { eventsIn } from './event-lines.js';
import { columnsOf, cutTo } from './screen-lines.js';

const RULE = '─'.repeat(72);
const eventName = z.enum(APPROVAL_EVENTS);

/** Follows approvals until the stream or the person ends it. With a terminal on both sides the person is asked. */
export async function watch(options: Common & { readonly input: boolean }): Promise<void> {
  const isAsking = options.input && options.json !== true && process.stdin.isTTY && process.stdout.isTTY;
  await run(options, (api) => (isAsking ? watchAndDecide(api) : watchOnly(api, options.json === true)));
}

/** One line for each change, or one JSON document. */
async function watchOnly(api: ApiConnection, isJson: boolean): Promise<void> {
  for await (const { event, approval } of changesOf(api, new AbortController().signal)) {
    const line = isJson
      ? jsonText({ event, approval }, 0)
      : cutTo(`${event.padEnd(9)}  ${approvalLine(approval, Date.now())}`, columnsOf(process.stdout) ?? Infinity);
    process.stdout.write(`${line}\n`);
  }
  throw new ApiFailure('The API ended the stream; start again to go on.', null);
}

interface Change {
  readonly event: ApprovalEvent;
  readonly approval: ApprovalSummaryView;
}

async function* changesOf(api: ApiConnection, signal: AbortSignal): AsyncGenerator<Change> {
  for await (const { event: name, data } of eventsIn(await api.stream('/v1/approvals/events', signal))) {
    const event = eventName.safeParse(name).data;
    if (event === undefined) continue; // of a newer broker
    const content: unknown = JSON.parse(data);
    const approvals = event === 'pending' ? pendingEvent.parse(content).items.toReversed() : [content];
    for (const approval of approvals) yield { event, approval: approvalSummaryView.parse(approval) };
  }
}

/** Shows one approval after the other and asks; one that is decided elsewhere meanwhile is taken away. */
async function watchAndDecide(api: ApiConnection): Promise<void> {
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
    for (let next = await inbox.next(); next !== undefined; next = await inbox.next()) {
      if ((await askAbout(api, terminal, next)) === 'quit') return;
      inbox.put(next.id);
    }
  } finally {
    gone.abort();
    terminal.close();
    await following;
  }
}

async function follow(api: ApiConnection, inbox: ApprovalInbox, gone: AbortSignal): Promise<void> {
  try {
    for await (const { approval } of changesOf(api, gone)) inbox.take(approval);
    throw new ApiFailure('The API ended the stream; start again to go on.', null);
  } catch (error) {
    if (!gone.aborted) throw error;
  } finally {
    inbox.close();
  }
}

interface Asked {
  readonly id: string;
  readonly over: AbortSignal;
}

async function askAbout(api: ApiConnection, terminal: Interface, { id, over }: Asked): Promise<'next' | 'quit'> {
  for (;;) {
    try {
      const approval = await readApproval(api, id);
      process.stdout.write(`\n${RULE}\n${approvalText(approval, Date.now(), columnsOf(process.stdout))}\n${RULE}\n`);
      if (!approval.canDecide.allowed) return 'next';
      const answer = await answerOf(terminal, over);
      if (answer === 'quit') return 'quit';
      if (answer === 'skip') return 'next';
      if (answer === 'look') continue;
      process.stdout.write(`${outcomeText(await decide(api, id, answer))}\n`);
      return 'next';
    } catch (error) {
      if (over.reason === SETTLED) process.stdout.write(`\n${SETTLED.message}\n`);
      else if (over.aborted) return 'quit';
      else if (error instanceof ApiFailure) process.stdout.write(`${shownLine(error.message)}\n`);
      else throw error;
      return 'next';
    }
  }
}

type Answer = 'quit' | 'skip' | 'look' | { readonly decision: 'approve' | 'deny'; readonly reason?: string };

async function answerOf(terminal: Interface, signal: AbortSignal): Promise<Answer> {
  for (;;) {
    const key = await ask(terminal, 'a approve once, d deny, s skip, l look again, q quit: ', signal);
    switch (key.toLowerCase()) {
      case 'a':
        if ((await ask(terminal, 'Approve it once, as it stands above? yes or no: ', signal)) !== 'yes') continue;
        return { decision: 'approve' };
      case 'd': {
        const reason = await ask(terminal, 'Reason, which the agent is told (may be empty): ', signal);
        if ((await ask(terminal, 'Deny it? yes or no: ', signal)) !== 'yes') continue;
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

async function ask(terminal: Interface, question: string, signal: AbortSignal): Promise<string> {
  return (await terminal.question(question, { signal })).trim();
}
