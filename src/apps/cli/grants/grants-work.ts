import { GRANT_FORMS } from '../../../client/answer.forms.js';
import { type ApiClient, formView } from '../../../client/api-client.js';
import type { GrantView } from '../../../contracts/grants/grant.js';
import type { GrantState } from '../../../domain/grant.js';
import { ANSWER_FORMS } from '../answers.forms.js';
import { apiOf } from '../api-option.js';
import type { AnswerOptions } from '../terminal/api-command.js';
import { confirm, runCommand } from '../terminal/conventions.js';
import { emptyText, type ListOptions, queryOf, readPages, tellOfMore } from '../terminal/list-pages.js';
import { secondsOf } from '../terminal/past-time.js';
import { endWithReader, printAnswer } from '../terminal/print-answer.js';
import { screenTable } from '../terminal/screen-table.js';
import { wholeId } from '../terminal/short-id.js';
import { shownIds } from '../terminal/shown-ids.js';
import { grantText } from './grant-text.js';

const GRANT = formView(GRANT_FORMS.grant);

export interface GrantsListOptions extends ListOptions {
  readonly state?: GrantState;
  readonly target?: string;
  readonly principal?: string;
  readonly protocol?: string;
  readonly from?: string;
  readonly to?: string;
  readonly quiet?: boolean;
}

export interface EndOptions extends AnswerOptions {
  readonly wait: number;
}

export interface RevokeOptions extends EndOptions {
  readonly reason?: string;
  readonly yes?: boolean;
}

export async function list(options: GrantsListOptions): Promise<void> {
  await run(options, async (api) => {
    const { state, target, principal, protocol, from, to } = options;
    const query = queryOf({ state, target, principal, protocol, from, to });
    const { items, next } = await readPages(
      api,
      { path: '/v1/grants', query, page: formView(ANSWER_FORMS.grants) },
      options,
    );
    if (options.quiet === true && options.json !== true) {
      endWithReader();
      process.stdout.write(items.map(({ id }) => `${id}\n`).join(''));
      return;
    }
    const hint = 'An agent asks for one with: doorwarden run';
    printAnswer(options, { items, next }, () =>
      items.length === 0 ? emptyText('grant', query, hint) : grantTable(items),
    );
    if (options.json !== true) tellOfMore({ items, next });
  });
}

function grantTable(grants: readonly GrantView[]): string {
  const idOf = shownIds(grants.map(({ id }) => id));
  const rows = grants.map((grant) => [
    idOf(grant.id),
    grant.state,
    grant.principal.name,
    grant.target,
    secondsOf(grant.requestedAt),
    endOf(grant),
    grant.task.title,
  ]);
  return screenTable(['id', 'state', 'principal', 'target', 'asked for at', 'ends', 'task'], rows);
}

/** When it ends by itself; of one that has ended, why. */
function endOf({ deadline, closeReason, refusal }: GrantView): string | null {
  return closeReason ?? refusal?.code ?? secondsOf(deadline);
}

export async function show(id: string, options: AnswerOptions): Promise<void> {
  await run(options, async (api) => {
    const grant = await api.get(await pathOf(api, id), formView(GRANT_FORMS.detail));
    // Loaded only here: the list of protocols brings all that they have.
    const { wordsOf } = await import('../policy/protocol-words.js');
    printAnswer(options, grant, () => grantText(grant, wordsOf(grant.protocol)));
  });
}

export async function close(id: string, options: EndOptions): Promise<void> {
  await run(options, async (api) => {
    const path = await pathOf(api, id);
    const grant = await api.post(`${path}/close?wait=${options.wait}`, undefined, GRANT);
    printAnswer(options, grant, () => endedText(grant));
  });
}

export async function revoke(id: string, options: RevokeOptions): Promise<void> {
  await run(options, async (api) => {
    const path = await pathOf(api, id);
    const { principal, target, task } = await api.get(path, GRANT);
    await confirm(
      `Revoke the grant of ${principal.name} on ${target} (${task.title})? Its sessions are cut off at once.`,
      options,
    );
    const body = options.reason === undefined ? undefined : { reason: options.reason };
    const grant = await api.post(`${path}/revoke?wait=${options.wait}`, body, GRANT);
    printAnswer(options, grant, () => endedText(grant));
  });
}

function endedText({ id, state }: GrantView): string {
  const recording = state === 'sealed' ? ` Its recording: doorwarden recordings show ${id}` : '';
  return `The grant ${id} is ${state}.${recording}`;
}

/** The path of the grant that begins as typed. @throws UsageFailure, ApiFailure */
export async function pathOf(api: ApiClient, typed: string): Promise<string> {
  return `/v1/grants/${encodeURIComponent(await wholeId(api, '/v1/grants', typed))}`;
}

/** Runs with the API, and says in one line what went wrong. */
export async function run(options: AnswerOptions, work: (api: ApiClient) => Promise<void>): Promise<void> {
  await runCommand('grants', () => work(apiOf(options, process.env)));
}
