import type { PolicySubject, PolicyVerdict, StatementScene } from '../domain/verdict.js';

/** Policies that were parsed and validated together; immutable. */
export interface PolicySet {
  /** Names this set: a digest of its policies' names and texts. */
  readonly version: string;
  judge(scene: StatementScene): PolicyVerdict;
}

export type { PolicySubject };
