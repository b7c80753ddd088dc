import { setTimeout as pause } from 'node:timers/promises';
import type { ApiClient } from '../../../client/api-client.js';
import { ApiFailure } from '../../../client/api-failure.js';
import { grantDetailView, type GrantDetailView, grantPage, type GrantView } from '../../../contracts/grants/grant.js';
import { PAGE_LIMIT_MAX } from '../../../contracts/call-limits.js';
import { isFinal } from '../../../domain/grant.js';
import { shownLine } from '../../../domain/visible-text.js';
import type { AnswerOptions } from '../terminal/api-command.js';
import { jsonText } from '../terminal/json-text.js';
import { endWithReader } from '../terminal/print-answer.js';
import { columnsOf, cutTo } from '../terminal/screen-lines.js';
import { pathOf, run } from './grants-work.js';

/** What waits for people is no state of the grant, so that a call may not wait for long. */
const WAIT_SECONDS = 5;
const LOOK_EVERY_MS = 2_000;
const AGAIN_MS = 5_000;

/** Follows a grant until it has ended, or without an id every grant that changes. */
export async function watch(id: string | undefined, options: AnswerOptions): Promise<void> {
  endWithReader();
  await run(options, (api) => (id === undefined ? watchAll(api, options) : watchOne(api, id, options)));
}

async function watchOne(api: ApiClient, id: string, options: AnswerOptions): Promise<void> {
  const path = await pathOf(api, id);
  let grant = await api.get(path, grantDetailView);
  let told = '';
  for (;;) {
    told = tell(options, grant, told);
    if (isFinal(grant.state)) return;
    grant = await persist(() => api.get(`${path}?wait=${WAIT_SECONDS}&while=${grant.state}`, grantDetailView));
  }
}

/** A grant that is older than the newest 200 changes unseen. */
async function watchAll(api: ApiClient, options: AnswerOptions): Promise<void> {
  const path = `/v1/grants?limit=${PAGE_LIMIT_MAX}`;
  let page = await api.get(path, grantPage);
  let told = new Map<string, string>();
  for (;;) {
    const now = new Map<string, string>();
    for (const grant of page.items.toReversed()) {
      const before = told.get(grant.id) ?? (told.size === 0 && isFinal(grant.state) ? lineOf(grant) : '');
      now.set(grant.id, tell(options, grant, before));
    }
    told = now;
    await pause(LOOK_EVERY_MS);
    page = await persist(() => api.get(path, grantPage));
  }
}

/** Prints how it stands, unless that has been said; gives what has been said then. */
function tell({ json }: AnswerOptions, grant: GrantView | GrantDetailView, told: string): string {
  const line = lineOf(grant);
  if (line === told) return line;
  const text = json === true ? jsonText(grant, 0) : cutTo(line, columnsOf(process.stdout) ?? Infinity);
  process.stdout.write(`${text}\n`);
  return line;
}

function lineOf(grant: GrantView | GrantDetailView): string {
  const { id, state, principal, target, task, closeReason, refusal } = grant;
  const waits = 'waiting' in grant && grant.waiting.length > 0 ? `waits for people: ${grant.waiting.length}` : '';
  const parts = [
    id,
    state.padEnd(9),
    closeReason ?? refusal?.code ?? '',
    waits,
    `${principal.name} on ${target}`,
    task.title,
  ];
  return shownLine(parts.filter((part) => part !== '').join('  '));
}

/** Goes on where the broker is away for a while, and says so once. */
async function persist<T>(call: () => Promise<T>): Promise<T> {
  for (let isTold = false; ; isTold = true) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof ApiFailure) || error.code !== null) throw error;
      if (!isTold) process.stderr.write(`doorwarden grants: ${shownLine(error.message)} Trying again.\n`);
      await pause(AGAIN_MS);
    }
  }
}
