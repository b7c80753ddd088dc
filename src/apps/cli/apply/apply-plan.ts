import type { ApplyChange, ApplyPlanner, ApplyScene } from './apply-change.js';
import { APPLY_KINDS, type ApplyKind } from './apply-kinds.js';
import type { SourceDocument } from './apply-source.js';
import { MAPPING_PLANNER } from './kinds/mapping.js';
import { POLICY_PLANNER } from './kinds/policies.js';
import { PROVIDER_PLANNER } from './kinds/providers.js';
import { TARGET_PLANNER } from './kinds/targets.js';

const PLANNERS: Readonly<Record<ApplyKind, ApplyPlanner>> = {
  Policy: POLICY_PLANNER,
  Target: TARGET_PLANNER,
  IdentityProvider: PROVIDER_PLANNER,
  IdentityMapping: MAPPING_PLANNER,
};

/**
 * What has to be done, in an order that works and opens nothing for a moment: policies before the targets that they are
 * about, providers before the mapping that lets their people in, and deletions last. A kind without a document is left alone.
 * @throws UsageFailure, ApiFailure before anything is done
 */
export async function planChanges(
  sources: readonly SourceDocument[],
  scene: ApplyScene,
): Promise<readonly ApplyChange[]> {
  const changes: ApplyChange[] = [];
  const kinds = APPLY_KINDS.filter((kind) => sources.some(({ document }) => document.kind === kind));
  for (const kind of kinds) changes.push(...(await PLANNERS[kind].plan(sources, scene)));
  const isDeletion = ({ action }: ApplyChange): boolean => action === 'delete';
  return [...changes.filter((change) => !isDeletion(change)), ...changes.filter(isDeletion)];
}

/** What is there of a kind, as documents. @throws ApiFailure */
export function documentsOf(kind: ApplyKind, api: ApplyScene['api']): ReturnType<ApplyPlanner['documents']> {
  return PLANNERS[kind].documents(api);
}
