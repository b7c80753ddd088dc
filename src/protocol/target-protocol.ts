import type { ErrorCode } from '../kernel/errors.js';
import type { PolicyVocabulary } from '../policy/vocabulary.js';

/**
 * A protocol that targets speak, as the core knows it: pure, so that every process can load it. src/apps lists those that
 * this build knows; the core has no list.
 */
export interface TargetProtocol {
  /** The value of `protocol` in the API, such as `mysql`. */
  readonly name: string;
  /** As people write it. */
  readonly title: string;
  /** What policies may say of its operations; protocols that share one give the same object. */
  readonly vocabulary: PolicyVocabulary;
  /** What a client of an endpoint is told besides the words of an error, as documents show it: `1105 (HY000)`. */
  wireCode(code: ErrorCode): string;
}

/** What policies may speak of on targets of these protocols. */
export function vocabulariesOf(protocols: readonly TargetProtocol[]): readonly PolicyVocabulary[] {
  return [...new Set(protocols.map(({ vocabulary }) => vocabulary))];
}
