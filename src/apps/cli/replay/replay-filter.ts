import { isDenied, mayHaveChanged, wordsOf } from '../../../recording/replay/step-facts.js';
import type { StoryStep } from '../../../recording/replay/story.js';
import { UsageFailure } from '../terminal/conventions.js';

export interface StepChoice {
  /** Only what changed something, or may have. */
  readonly changes?: boolean | undefined;
  /** Only what was denied, refused or left without a decision. */
  readonly denied?: boolean | undefined;
  /** Only what this is found in: texts, values, reasons, errors. */
  readonly grep?: RegExp | undefined;
}

/** The pattern of `--grep`; letter case does not matter. @throws UsageFailure */
export function grepPattern(text: string): RegExp {
  try {
    return new RegExp(text, 'iu');
  } catch (cause) {
    throw new UsageFailure(`--grep needs a regular expression, and ${JSON.stringify(text)} is not one.`, { cause });
  }
}

/** Whether a step is among what was asked for; with several wishes it has to meet all. */
export function isChosen(step: StoryStep, choice: StepChoice): boolean {
  if (choice.changes === true && !(step.kind === 'operation' && mayHaveChanged(step))) return false;
  if (choice.denied === true && !isDenied(step)) return false;
  return choice.grep === undefined || wordsOf(step).some((words) => choice.grep?.test(words));
}
