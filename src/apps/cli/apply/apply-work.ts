import { ApiFailure } from '../../../client/api-failure.js';
import { shownLine } from '../../../domain/visible-text.js';
import { apiOf } from '../api-option.js';
import type { AnswerOptions } from '../terminal/api-command.js';
import { confirm, runCommand, UsageFailure } from '../terminal/conventions.js';
import { jsonText } from '../terminal/json-text.js';
import { paintFor } from '../terminal/paint.js';
import { columnsOf } from '../terminal/screen-lines.js';
import type { ApplyChange, ChangeAction } from './apply-change.js';
import { planChanges } from './apply-plan.js';
import { nameOf, readSources, standardInput } from './apply-source.js';
import { differenceText } from './difference-text.js';

export interface ApplyOptions extends AnswerOptions {
  readonly file: readonly string[];
  readonly dryRun?: boolean;
  readonly prune?: boolean;
  readonly secrets?: boolean;
  readonly reason?: string;
  readonly yes?: boolean;
}

/** How far one change has come. */
type Outcome = 'kept' | 'done' | 'refused' | 'not tried';

const DONE: Readonly<Record<ChangeAction, string>> = {
  create: 'is created',
  change: 'is changed',
  delete: 'is deleted',
  keep: 'is as it was',
};

/** Shows what differs, asks, and does it one after the other until the first is refused. */
export async function apply(options: ApplyOptions): Promise<void> {
  process.stdout.on('error', () => undefined); // what has begun is done, also where nobody reads on
  await runCommand('apply', async () => {
    const { dryRun = false, prune = false, secrets = false, reason } = options;
    const sources = await readSources(options.file, standardInput);
    const api = apiOf(options, process.env);
    const changes = await planChanges(sources, { api, env: process.env, dryRun, prune, secrets, reason });
    const wanted = changes.filter(({ action }) => action !== 'keep');
    if (options.json !== true) process.stdout.write(`${planText(changes)}\n`);
    if (dryRun || wanted.length === 0) {
      if (options.json === true) printJson(changes, new Map(), dryRun);
      return;
    }
    requireSomebodyToAsk(options);
    await confirm('Apply these changes?', options);
    await applyAll(changes, options);
  });
}

/** A person at a terminal who pipes documents in cannot be asked, and has not said that there is no need. */
function requireSomebodyToAsk({ file, yes = false }: ApplyOptions): void {
  if (yes || !file.includes('-') || !process.stderr.isTTY) return;
  throw new UsageFailure('Standard input has the documents, so nobody can be asked. Add --yes. Nothing was done.');
}

async function applyAll(changes: readonly ApplyChange[], { json }: ApplyOptions): Promise<void> {
  const outcomes = new Map<ApplyChange, Outcome>();
  try {
    for (const change of changes) {
      if (change.action === 'keep') continue;
      outcomes.set(change, 'refused');
      await change.run();
      outcomes.set(change, 'done');
      if (json !== true) process.stdout.write(`${nameOf(change)} ${DONE[change.action]}.\n`);
    }
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error;
    throw new ApiFailure(stoppedText(changes, outcomes, error), error.code, error);
  } finally {
    if (json === true) printJson(changes, outcomes, false);
  }
}

/** What a refusal leaves behind, so that nobody has to guess. */
function stoppedText(
  changes: readonly ApplyChange[],
  outcomes: ReadonlyMap<ApplyChange, Outcome>,
  { message }: ApiFailure,
): string {
  const named = (outcome: Outcome): string =>
    changes
      .filter((change) => outcomeOf(change, outcomes) === outcome)
      .map(nameOf)
      .join(', ');
  const done = named('done');
  const left = named('not tried');
  return [
    `${named('refused')}: ${message}`,
    done === '' ? 'Nothing was applied before it.' : `Applied before it: ${done}.`,
    left === '' ? '' : `Not tried: ${left}.`,
    'What was applied stays; run the same again when the cause is gone.',
  ]
    .filter((part) => part !== '')
    .join(' ');
}

function outcomeOf(change: ApplyChange, outcomes: ReadonlyMap<ApplyChange, Outcome>): Outcome {
  return change.action === 'keep' ? 'kept' : (outcomes.get(change) ?? 'not tried');
}

/** Each change with its difference, and how many there are. */
function planText(changes: readonly ApplyChange[]): string {
  const place = { columns: columnsOf(process.stdout), paint: paintFor(process.stdout) };
  const shown = changes
    .filter(({ action }) => action !== 'keep')
    .flatMap((change) => [
      place.paint.strong(
        `${change.action} ${nameOf(change)}${change.place === null ? '' : ` (${shownLine(change.place)})`}`,
      ),
      ...differenceText(change.before, change.after, place),
      ...change.notes.map((note) => `    ${shownLine(note)}`),
      '',
    ]);
  return [...shown, countsText(changes)].join('\n');
}

function countsText(changes: readonly ApplyChange[]): string {
  const count = (action: ChangeAction): number => changes.filter((change) => change.action === action).length;
  const kept = `${count('keep')} as they are`;
  const [created, changed, deleted] = [count('create'), count('change'), count('delete')];
  if (created + changed + deleted === 0) return `Nothing to do: ${kept}.`;
  return `${created} to create, ${changed} to change, ${deleted} to delete, ${kept}.`;
}

function printJson(
  changes: readonly ApplyChange[],
  outcomes: ReadonlyMap<ApplyChange, Outcome>,
  dryRun: boolean,
): void {
  const told = changes.map((change) => {
    const { kind, name, action, place, before, after, notes } = change;
    const difference = differenceText(before, after, {
      columns: undefined,
      paint: paintFor(process.stdout, { NO_COLOR: '1' }),
    });
    return { kind, name, action, outcome: outcomeOf(change, outcomes), place, notes, difference };
  });
  process.stdout.write(`${jsonText({ dryRun, changes: told })}\n`);
}
