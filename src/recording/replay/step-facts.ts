import type { OperationStep, StoryStep } from './story.js';

/** When the step began, in microseconds of the recording's clock. */
export function startUs(step: StoryStep): number {
  if (step.kind === 'operation') return step.times.arrivedUs ?? step.times.judgedUs;
  return Math.round(step.entries[0]?.entry.mono ?? 0);
}

export function wasForwarded({ times, forwarded }: OperationStep): boolean {
  return times.forwardedUs !== undefined || forwarded !== undefined;
}

/** It reached the target and is no plain read; what is not understood counts as a change. */
export function mayHaveChanged(step: OperationStep): boolean {
  const { operation, result } = step;
  if (!wasForwarded(step)) return false;
  if (result?.entry.outcome === 'error' && !result.told.mayBeDoneInPart) return false;
  return (result?.told.changed ?? 0) > 0 || operation.told.effect() === 'change';
}

/** It was denied, refused, or left without a decision. */
export function isDenied(step: StoryStep): boolean {
  if (step.kind === 'refused') return true;
  if (step.kind === 'other') return step.entries.some(({ entry }) => entry.type === 'session.refused');
  return step.kind === 'operation' && (isNotAllowed(step) || isRefused(step));
}

/** A policy or people said no, or nobody said anything in time. */
function isNotAllowed({ operation, decided }: OperationStep): boolean {
  return operation.entry.verdict === 'deny' || (decided !== undefined && decided.outcome !== 'approved');
}

/** The gateway answered it with an error, whatever was decided. */
function isRefused({ times, result }: OperationStep): boolean {
  return times.forwardedUs === undefined && result?.entry.outcome === 'error';
}

/** In a few words what a step was, if it was a driver's own and went well; undefined for what a person looks for. */
export function driverNoise(step: StoryStep): string | undefined {
  if (step.kind !== 'operation' && step.kind !== 'note') return undefined;
  if (step.result !== undefined && step.result.entry.outcome !== 'ok') return undefined;
  if (step.kind === 'note') return step.note.told.driverNoise();
  const { operation, asked, forwarded } = step;
  const isPlain = operation.entry.verdict === 'allow' && asked === undefined && forwarded === undefined;
  return isPlain ? operation.told.driverNoise() : undefined;
}

/** Whatever a person may look for in a step: texts, values, reasons, errors; of what is no operation, all of it. */
export function wordsOf(step: StoryStep): readonly string[] {
  if (step.kind !== 'operation') return step.entries.map(({ written }) => JSON.stringify(written));
  const { operation, decided, result } = step;
  return [
    ...operation.told.words(),
    operation.entry.why ?? '',
    ...(decided?.decisions ?? []).map(({ by, reason }) => `${by} ${reason ?? ''}`),
    ...(decided?.withdrawals ?? []).map(({ by, reason }) => `${by} ${reason}`),
    ...(result?.told.words() ?? []),
  ];
}
