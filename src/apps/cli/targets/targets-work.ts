import { type ApiClient, formView } from '../../../client/api-client.js';
import type { AnyTargetView, TargetTestView } from '../../../contracts/grants/target.js';
import { shownLine } from '../../../domain/visible-text.js';
import { apiOf } from '../api-option.js';
import { OPERATOR_ANSWER_FORMS } from '../operator-answers.forms.js';
import type { AnswerOptions } from '../terminal/api-command.js';
import { EXIT, runCommand } from '../terminal/conventions.js';
import { emptyText, type ListOptions, readPages, tellOfMore } from '../terminal/list-pages.js';
import { printAnswer } from '../terminal/print-answer.js';
import { screenTable } from '../terminal/screen-table.js';
import { serverText, targetText } from './target-text.js';

export async function list(options: ListOptions): Promise<void> {
  await run(options, async (api) => {
    const { items, next } = await readPages(
      api,
      { path: '/v1/targets', query: {}, page: formView(OPERATOR_ANSWER_FORMS.targets) },
      options,
    );
    const hint = 'An operator registers one with: doorwarden apply -f FILE';
    printAnswer(options, { items, next }, () =>
      items.length === 0 ? emptyText('target', {}, hint) : targetTable(items),
    );
    if (options.json !== true) tellOfMore({ items, next });
  });
}

function targetTable(targets: readonly AnyTargetView[]): string {
  const isFull = targets.some((target) => 'host' in target);
  const rows = targets.map((target) => [
    target.name,
    target.protocol,
    serverText(target),
    target.defaultDatabase,
    durationLimit(target),
    ...(isFull ? fullCells(target) : []),
  ]);
  const names = ['name', 'protocol', 'server', 'database', 'for at most'];
  return screenTable(isFull ? [...names, 'at', 'last look', 'open grants'] : names, rows);
}

/** Targets of every protocol have it. */
function durationLimit({ limits }: AnyTargetView): string | null {
  const seconds: unknown = Reflect.get(limits, 'ttlSecondsMax');
  return typeof seconds === 'number' ? `${seconds} s` : null;
}

/** What only operators see. */
function fullCells(target: AnyTargetView): readonly (string | null)[] {
  if (!('host' in target)) return [null, null, null];
  const { host, port, lastLook, openTasks } = target;
  const look = lastLook === null ? null : (lastLook.code ?? 'good');
  return [`${host}:${port}`, look, String(openTasks)];
}

export async function show(name: string, options: AnswerOptions): Promise<void> {
  await run(options, async (api) => {
    const target = await api.get(pathOf(name), formView(OPERATOR_ANSWER_FORMS.target));
    printAnswer(options, target, () => targetText(target));
  });
}

/** Fails where a step failed. */
export async function test(name: string, options: AnswerOptions): Promise<void> {
  await run(options, async (api) => {
    const outcome = await api.post(`${pathOf(name)}/test`, undefined, formView(OPERATOR_ANSWER_FORMS.targetTest));
    printAnswer(options, outcome, () => testText(name, outcome));
    if (!outcome.ok) process.exitCode = EXIT.failed;
  });
}

function testText(name: string, { ok, steps, code, hint, missing, durationMs }: TargetTestView): string {
  const table = screenTable(
    ['step', 'outcome', 'what was found'],
    steps.map(({ step, outcome, detail }) => [step, outcome, detail]),
  );
  const said = ok
    ? `${name} is reached and can be used (${durationMs} ms).`
    : `${name} cannot be used${code === null ? '' : ` (${code})`}. ${hint ?? ''}`;
  const grants =
    missing.length === 0 ? [] : ['Run at the target:', ...missing.map((grant) => `  ${shownLine(grant)};`)];
  return [table, '', shownLine(said.trim()), ...grants].join('\n');
}

function pathOf(name: string): string {
  return `/v1/targets/${encodeURIComponent(name)}`;
}

async function run(options: AnswerOptions, work: (api: ApiClient) => Promise<void>): Promise<void> {
  await runCommand('targets', () => work(apiOf(options, process.env)));
}
