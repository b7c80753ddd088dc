import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import { ACTION_WORDS, ANNOTATION_WORDS, FACT_WORDS } from './cedar-words.js';

/** Completes annotations after `@`, facts after `context.`, and actions within `Action::"`. */
export function completeCedar(context: CompletionContext): CompletionResult | null {
  return (
    completed(
      context,
      /@\w*$/,
      ANNOTATION_WORDS.map(({ name, template, info }) => ({
        label: `@${name}`,
        apply: `@${name}("${template}")`,
        detail: template,
        info,
        type: 'annotation',
      })),
    ) ??
    completed(
      context,
      /context\.\w*$/,
      FACT_WORDS.map(({ name, info }) => ({
        label: `context.${name}`,
        info,
        type: 'property',
      })),
    ) ??
    completed(
      context,
      /Action::"?\w*$/,
      ACTION_WORDS.map(({ name, info }) => ({
        label: `Action::"${name}"`,
        info,
        type: 'constant',
      })),
    )
  );
}

function completed(
  context: CompletionContext,
  before: RegExp,
  options: readonly Completion[],
): CompletionResult | null {
  const match = context.matchBefore(before);
  return match === null ? null : { from: match.from, options, validFor: new RegExp(`^${before.source}`) };
}
