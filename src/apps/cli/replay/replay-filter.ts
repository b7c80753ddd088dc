import type { RecordedBulkValue } from '../../../recording/entries/bulk-values.js';
import { changedRows } from '../../../protocols/mysql/recorded/step-text.js';
import type { StatementStep, Step } from '../../../protocols/mysql/recorded/story.js';
import { textOf } from '../../../protocols/mysql/recorded/transcript.js';
import type { SqlDialect } from '../../../protocols/mysql/sql/text/dialect.js';
import { analyse } from '../../../protocols/mysql/sql/analyse.js';
import { UsageFailure } from '../terminal/conventions.js';

export interface StepChoice {
  /** Only what changed something, or may have. */
  readonly changes?: boolean | undefined;
  /** Only what was denied, refused or left without a decision. */
  readonly denied?: boolean | undefined;
  /** Only what this is found in: texts, values, reasons, errors. */
  readonly grep?: RegExp | undefined;
}

const HARMLESS: ReadonlySet<string> = new Set(['read', 'session']);

/** The pattern of `--grep`; letter case does not matter. @throws UsageFailure */
export function grepPattern(text: string): RegExp {
  try {
    return new RegExp(text, 'iu');
  } catch (cause) {
    throw new UsageFailure(`--grep needs a regular expression, and ${JSON.stringify(text)} is not one.`, { cause });
  }
}

/** Whether a step is among what was asked for; with several wishes it has to meet all. */
export function isChosen(step: Step, choice: StepChoice, dialect: SqlDialect): boolean {
  if (choice.changes === true && !(step.kind === 'statement' && mayHaveChanged(step, dialect))) return false;
  if (choice.denied === true && !isDenied(step)) return false;
  return choice.grep === undefined || wordsOf(step).some((words) => choice.grep?.test(words));
}

/** It reached the target and was no plain read; what is not understood counts as a change. */
export function mayHaveChanged(step: StatementStep, dialect: SqlDialect): boolean {
  const { statement, times, forwarded, result } = step;
  // Of rows of values those before the one that failed may have been run.
  const isUndone = result?.entry.outcome === 'error' && statement.name !== 'COM_STMT_BULK_EXECUTE';
  if (statement.name === 'COM_STMT_PREPARE' || isUndone) return false;
  if (times.forwardedUs === undefined && forwarded === undefined) return false;
  return changedRows(result?.entry) > 0 || !HARMLESS.has(actionOf(step, dialect));
}

/** What kind of statement it is, by its text alone: the settings of its session are not in a recording. */
export function actionOf({ statement }: StatementStep, dialect: SqlDialect): string {
  return analyse(Buffer.from(textOf(statement)), dialect, statement.body.database).facts.action;
}

export function isDenied(step: Step): boolean {
  if (step.kind === 'refused') return true;
  if (step.kind === 'other') return step.entries.some(({ entry }) => entry.type === 'session.refused');
  if (step.kind !== 'statement') return false;
  const { statement, decided, times, result } = step;
  if (statement.verdict === 'deny') return true;
  if (decided !== undefined && decided.outcome !== 'approved') return true;
  return times.forwardedUs === undefined && result?.entry.outcome === 'error';
}

function wordOf(value: RecordedBulkValue): string {
  if (typeof value !== 'object' || value === null) return String(value);
  return 'base64' in value ? value.base64 : value.indicator;
}

function wordsOf(step: Step): readonly string[] {
  if (step.kind !== 'statement') return step.entries.map(({ written }) => JSON.stringify(written));
  const { statement, decided, result } = step;
  return [
    textOf(statement),
    ...(statement.body.values ?? []).map(({ value }) => String(value)),
    ...(statement.body.bulk?.rows ?? []).flatMap((row) => row.map(wordOf)),
    statement.why ?? '',
    ...(decided?.decisions ?? []).map(({ by, reason }) => `${by} ${reason ?? ''}`),
    result?.entry.body.error?.message ?? '',
  ];
}
