import type { z } from 'zod';
import type { ProtocolPlace } from '../domain/protocol-places.js';
import type { ProtocolName } from '../domain/protocol-value.js';
import type { ErrorCode } from '../kernel/errors/error-table.js';
import type { PolicyVocabulary } from '../policy/vocabulary.js';
import type { ApprovalViews } from './approval-views.js';
import { recordedProtocols, type RecordedProtocol, type RecordedProtocols } from '../recording/recorded-protocol.js';
import type { IndexedOperations } from './indexed-operations.js';
import type { GrantRules } from './grant-rules.js';
import type { PolicyQuestions } from './policy-questions.js';
import type { TargetRules } from './target-rules.js';
import type { TargetWords } from './target-words.js';

/**
 * A protocol that targets speak, as the core knows it: pure, so that every process can load it. src/apps lists those that
 * this build knows; the core has no list.
 */
export interface TargetProtocol {
  /** The value of `protocol` in the API, such as `mysql`. */
  readonly name: ProtocolName;
  /** As people write it. */
  readonly title: string;
  /** Where its servers listen unless they are told otherwise. */
  readonly defaultPort: number;
  /** What its targets and their operations are called. */
  readonly words: TargetWords;
  /** What policies may say of its operations; protocols that share one give the same object. */
  readonly vocabulary: PolicyVocabulary;
  /** What recordings of its sessions say. */
  readonly recorded: RecordedProtocol;
  /** What the index of statements has of them; without it, it has the envelopes of their operations alone. */
  readonly indexed?: IndexedOperations;
  readonly targets: TargetRules;
  readonly grants: GrantRules;
  readonly policies: PolicyQuestions;
  readonly approvals: ApprovalViews;
  /** What the API has in the places that are the protocol's, for the published description. */
  readonly published: Readonly<Record<ProtocolPlace, z.ZodType>>;
  /** What a client of an endpoint is told besides the words of an error, as documents show it: `1105 (HY000)`. */
  wireCode(code: ErrorCode): string;
}

/** What policies may speak of on targets of these protocols. */
export function vocabulariesOf(protocols: readonly TargetProtocol[]): readonly PolicyVocabulary[] {
  return [...new Set(protocols.map(({ vocabulary }) => vocabulary))];
}

/** Recordings of these protocols can be read whole. */
export function recordedBy(protocols: readonly TargetProtocol[]): RecordedProtocols {
  return recordedProtocols(protocols.map(({ recorded }) => recorded));
}
