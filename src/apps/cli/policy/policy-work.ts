import { readFile } from 'node:fs/promises';
import { text as textOf } from 'node:stream/consumers';
import { GRANT_FORMS } from '../../../client/answer.forms.js';
import { type ApiClient, formView } from '../../../client/api-client.js';
import type { PolicySummaryView, PolicyWarningView } from '../../../contracts/policies/policy.js';
import type { ClientProtocol, TrialWords } from '../../../protocol/client-protocol.js';
import { apiOf } from '../api-option.js';
import { OPERATOR_ANSWER_FORMS } from '../operator-answers.forms.js';
import type { AnswerOptions } from '../terminal/api-command.js';
import { confirm, runCommand, UsageFailure } from '../terminal/conventions.js';
import { printAnswer } from '../terminal/print-answer.js';
import { screenTable } from '../terminal/screen-table.js';
import { trialText } from './trial-text.js';

const POLICY = formView(OPERATOR_ANSWER_FORMS.policy);

export interface PolicyChangeOptions extends AnswerOptions {
  readonly revision?: number;
  readonly reason?: string;
}

export interface TryOptions extends AnswerOptions {
  readonly target: string;
  readonly principal?: string;
  readonly grantRequest?: boolean;
}

export async function list(options: AnswerOptions): Promise<void> {
  await run(options, async (api) => {
    const policies = await api.get('/v1/policies', formView(OPERATOR_ANSWER_FORMS.policies));
    printAnswer(options, policies, () => summaryTable(policies.items));
  });
}

export async function get(name: string, options: AnswerOptions): Promise<void> {
  await run(options, async (api) => {
    const policy = await api.get(pathOf(name), POLICY);
    printAnswer(options, policy, () => policy.text.replace(/\n?$/, ''));
  });
}

export async function put({ name, file }: { name: string; file: string }, options: PolicyChangeOptions): Promise<void> {
  await run(options, async (api) => {
    const text = file === '-' ? await textOf(process.stdin) : await readFile(file, 'utf8');
    const { revision, reason } = options;
    const body = { text, ...(revision === undefined ? {} : { revision }), ...(reason === undefined ? {} : { reason }) };
    const policy = await api.put(pathOf(name), body, POLICY);
    printAnswer(options, policy, () => [summaryTable([policy]), ...policy.warnings.map(warningLine)].join('\n'));
  });
}

export async function remove(name: string, options: PolicyChangeOptions & { readonly yes?: boolean }): Promise<void> {
  await run(options, async (api) => {
    const { revision, reason } = options;
    const query = new URLSearchParams({
      ...(revision === undefined ? {} : { revision: String(revision) }),
      ...(reason === undefined ? {} : { reason }),
    });
    await confirm(`Delete the policy ${name}? It then no longer permits or forbids anything.`, options);
    await api.delete(`${pathOf(name)}${query.size === 0 ? '' : `?${query.toString()}`}`);
    printAnswer(options, { deleted: name }, () => `The policy ${name} is deleted.`);
  });
}

export async function tryPolicies(
  statement: string,
  options: TryOptions,
  protocols: readonly ClientProtocol[],
): Promise<void> {
  await run(options, async (api) => {
    const target = await api.get(`/v1/targets/${encodeURIComponent(options.target)}`, formView(GRANT_FORMS.target));
    const asked = options.grantRequest
      ? { grantRequest: jsonIn(statement) }
      : trialWordsOf(target.protocol, protocols).trialOf(statement, { ...options });
    const trial = await api.post(
      '/v1/policies/try',
      { ...whoOf(options), ...asked },
      formView(OPERATOR_ANSWER_FORMS.trial),
    );
    if (options.json === true) {
      printAnswer(options, trial, () => '');
      return;
    }
    // Loaded only here: the list of protocols brings all that they have.
    const { wordsOf } = await import('./protocol-words.js');
    printAnswer(options, trial, () => trialText(trial, wordsOf(target.protocol)));
  });
}

function whoOf({ target, principal }: TryOptions) {
  return { target, ...(principal === undefined ? {} : { principal }) };
}

function trialWordsOf(protocol: string, protocols: readonly ClientProtocol[]): TrialWords {
  const words = protocols.find(({ name }) => name === protocol)?.trial;
  if (words !== undefined) return words;
  throw new UsageFailure(`This version does not know how to ask about operations of the protocol ${protocol}.`);
}

function warningLine({ policy, line, text }: PolicyWarningView): string {
  return `warning: ${policy}, line ${line}: ${text}`;
}

function summaryTable(items: readonly PolicySummaryView[]): string {
  const rows = items.map(({ name, revision, updatedBy, updatedAt }) => [
    name,
    String(revision),
    updatedBy ?? '(the broker)',
    updatedAt,
  ]);
  return screenTable(['name', 'revision', 'updated by', 'updated at'], rows);
}

/** Says in one line what went wrong, and fails. */
async function run(options: AnswerOptions, work: (api: ApiClient) => Promise<void>): Promise<void> {
  await runCommand('policy', () => work(apiOf(options, process.env)));
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UsageFailure('With --grant-request the argument must be JSON, such as {"ttlSeconds": 600}.', { cause });
  }
}

function pathOf(name: string): string {
  return `/v1/policies/${encodeURIComponent(name)}`;
}
