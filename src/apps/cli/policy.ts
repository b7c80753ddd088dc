import { readFile } from 'node:fs/promises';
import { text as textOf } from 'node:stream/consumers';
import { Command, InvalidArgumentError } from 'commander';
import {
  policyList,
  policyTrialView,
  policyView,
  type PolicySummaryView,
  type PolicyTrialView,
  type PolicyWarningView,
} from '../../contracts/policy.js';
import { shownLine } from '../../domain/visible-text.js';
import { textTable } from '../../recording/replay/text-table.js';
import { signInTermsText } from './sign-in-terms-text.js';
import { accessText, factsText } from './value-text.js';
import type { ApiClient } from '../../client/api-client.js';
import { apiOf, withApi } from './api-option.js';
import type { ApiOptions } from './profiles/api-choice.js';
import { confirm, runCommand, UsageFailure } from './terminal/conventions.js';
import { jsonText } from './terminal/json-text.js';

interface Common extends ApiOptions {
  readonly json?: boolean;
}

interface Change extends Common {
  readonly revision?: number;
  readonly reason?: string;
}

/** `doorwarden policy …`: reads, writes and tries policies through the API. */
export function policyCommand(): Command {
  return new Command('policy')
    .description('List, read, write and try policies')
    .addCommand(listCommand())
    .addCommand(getCommand())
    .addCommand(putCommand())
    .addCommand(deleteCommand())
    .addCommand(tryCommand());
}

/** A command with what all of them have. */
function command(name: string, description: string): Command {
  return withApi(new Command(name).description(description)).option('--json', 'print the answer as JSON');
}

function listCommand(): Command {
  return command('list', 'List the policies in force').action((options: Common) =>
    run(options, async (api) => {
      const list = await api.get('/v1/policies', policyList);
      print(options, list, () => summaryTable(list.items));
    }),
  );
}

function getCommand(): Command {
  return command('get', 'Print the text of a policy')
    .argument('<name>')
    .action((name: string, options: Common) =>
      run(options, async (api) => {
        const policy = await api.get(pathOf(name), policyView);
        print(options, policy, () => policy.text.replace(/\n?$/, ''));
      }),
    );
}

function putCommand(): Command {
  return command('put', 'Write a policy from a file; the broker refuses it unless all policies together are valid')
    .argument('<name>')
    .argument('<file>', 'a file of Cedar policies, or - for standard input')
    .option(
      '--revision <number>',
      'only if the policy still has this revision; 0: only if there is no such policy',
      wholeNumber,
    )
    .option('--reason <text>', 'why; the history of the policy and the administrative record keep it')
    .action((name: string, file: string, options: Change) =>
      run(options, async (api) => {
        const text = file === '-' ? await textOf(process.stdin) : await readFile(file, 'utf8');
        const { revision, reason } = options;
        const body = {
          text,
          ...(revision === undefined ? {} : { revision }),
          ...(reason === undefined ? {} : { reason }),
        };
        const policy = await api.put(pathOf(name), body, policyView);
        print(options, policy, () => [summaryTable([policy]), ...policy.warnings.map(warningLine)].join('\n'));
      }),
    );
}

function warningLine({ policy, line, text }: PolicyWarningView): string {
  return `warning: ${policy}, line ${line}: ${text}`;
}

function deleteCommand(): Command {
  return command('delete', 'Delete a policy; the broker keeps its earlier versions')
    .argument('<name>')
    .option('--revision <number>', 'only if the policy still has this revision', wholeNumber)
    .option('--reason <text>', 'why; the history of the policy and the administrative record keep it')
    .option('--yes', 'do not ask')
    .action((name: string, options: Change & { readonly yes?: boolean }) =>
      run(options, async (api) => {
        const { revision, reason } = options;
        const query = new URLSearchParams({
          ...(revision === undefined ? {} : { revision: String(revision) }),
          ...(reason === undefined ? {} : { reason }),
        });
        await confirm(`Delete the policy ${name}? It then no longer permits or forbids anything.`, options);
        await api.delete(`${pathOf(name)}${query.size === 0 ? '' : `?${query.toString()}`}`);
        print(options, { deleted: name }, () => `The policy ${name} is deleted.`);
      }),
    );
}

interface TryOptions extends Common {
  readonly target: string;
  readonly database?: string;
  readonly principal?: string;
  readonly inTransaction?: boolean;
  readonly grantRequest?: boolean;
}

function tryCommand(): Command {
  return command('try', 'Try the policies on a statement, or on a request for a grant; nothing is sent to a target')
    .argument('<statement>', 'SQL; with --grant-request JSON such as {"ttlSeconds": 600}')
    .requiredOption('--target <name>', 'on which target')
    .option('--database <name>', "the session's database; default: the target's")
    .option('--principal <name>', 'the principal that sends the statement; default: you')
    .option('--in-transaction', 'the session has a transaction open')
    .option('--grant-request', 'try a request for a grant instead')
    .action((statement: string, options: TryOptions) =>
      run(options, async (api) => {
        const trial = await api.post('/v1/policies/try', trialOf(statement, options), policyTrialView);
        print(options, trial, () => trialText(trial));
      }),
    );
}

function trialOf(statement: string, options: TryOptions) {
  const { target, principal, database, inTransaction, grantRequest } = options;
  const who = { target, ...(principal === undefined ? {} : { principal }) };
  if (grantRequest) return { ...who, grantRequest: jsonIn(statement) };
  return { ...who, statement, inTransaction: inTransaction ?? false, ...(database === undefined ? {} : { database }) };
}

function transactionText({ inTransaction, transactionHoldSeconds }: NonNullable<PolicyTrialView['hold']>): string {
  if (inTransaction !== 'hold') return inTransaction;
  return `until others have waited for its locks for ${transactionHoldSeconds} s`;
}

function trialText({ verdict, why, policies, hold, facts, standing, access }: PolicyTrialView): string {
  const lines = [
    ['verdict', verdict],
    ['why', why],
    ['policies', policies.join(', ')],
    ...(hold === null
      ? []
      : [
          ['approvers', hold.approvers.length === 0 ? 'any' : `one of each of ${hold.approvers.join(', ')}`],
          ['approvals', String(hold.quorum)],
          ['decided', signInTermsText(hold)],
          ['asked in Slack', hold.slackChannels.join(', ')],
          ['waits', `${hold.holdSeconds} s`],
          ['in a transaction', transactionText(hold)],
          ['warning', hold.warning ?? ''],
        ]),
    ...(facts === null ? [] : [['understood as', factsText(facts)]]),
    ...(access === null ? [] : [['access', rulesText(access)]]),
    ...(standing === null ? [] : [['of it stands', rulesText(standing)]]),
  ];
  const shown = lines.filter(([, value]) => value !== undefined && value !== '');
  return shown.map(([name = '', value = '']) => `${name.padEnd(16)}  ${shownLine(value)}`).join('\n');
}

function rulesText(rules: NonNullable<PolicyTrialView['access']>): string {
  return rules.length === 0 ? 'nothing' : rules.map(accessText).join('; ');
}

function summaryTable(items: readonly PolicySummaryView[]): string {
  const rows = items.map(({ name, revision, updatedBy, updatedAt }) => [
    name,
    String(revision),
    updatedBy ?? '(the broker)',
    updatedAt,
  ]);
  return textTable(['name', 'revision', 'updated by', 'updated at'], rows).join('\n');
}

function print({ json }: Common, answer: unknown, text: () => string): void {
  process.stdout.write(`${json ? jsonText(answer) : text()}\n`);
}

/** Says in one line what went wrong, and fails. */
async function run(options: Common, work: (api: ApiClient) => Promise<void>): Promise<void> {
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

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Give a whole number.');
  return Number(text);
}
