import type { TargetSummaryView } from '../../contracts/grants/target.js';

/** The limits of a target, as far as databases have them. Those of another protocol have other names. */
export interface ShownLimits {
  readonly ttlSecondsMax: number;
  readonly sessionsMax: number;
  readonly privileges: readonly string[];
  /** Undefined: any. */
  readonly databases: readonly string[] | undefined;
}

export function limitsOf({ limits }: Pick<TargetSummaryView, 'limits'>): ShownLimits {
  const found: Readonly<Record<string, unknown>> = { ...limits };
  return {
    ttlSecondsMax: Number(found['ttlSecondsMax']),
    sessionsMax: Number(found['sessionsMax']),
    privileges: textsIn(found['privileges']) ?? [],
    databases: textsIn(found['databases']),
  };
}

function textsIn(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.map(String) : undefined;
}
