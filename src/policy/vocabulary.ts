import type { PolicySubject } from '../domain/verdict.js';
import type { CedarSchema } from './common-schema.js';
import type { NamedPolicyText } from './policy-parse.js';

/**
 * What a protocol's policies may speak of. It has a Cedar namespace of its own (but for SQL, which was there first); Cedar
 * takes no name in it that stands without a namespace too, such as SQL's `update` and `delete`.
 */
export interface PolicyVocabulary {
  /**
   * Entities in a Target, contexts and actions, as `readSchema` gives them; principals, Target and the shared groups of
   * actions are there already. Each action of an operation is in `operation` by one of its groups, and its context has
   * the facts of `OperationFacts`; a request for a grant is in `request`, with `approved` and `ttlSeconds`.
   */
  readonly schema: CedarSchema;
  /** For evaluation: the groups that an action, or a group, is in. Names as in {@link Question}. */
  readonly actionGroups: Readonly<Record<string, readonly string[]>>;
  /** What it begins with where it was never known before; the operator's from then on. */
  readonly defaults: NamedPolicyText;
}

/** A thing that policies are asked about, with what it is in. */
export interface Place {
  /** Its entity type in the schema: `Table`, `Echo::Room`. */
  readonly type: string;
  /** Of all that Cedar knows by that type; the target's name is a part of it. */
  readonly id: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** What it is in; null for the target itself. */
  readonly above: Place | null;
}

export type FactValue = boolean | number | string | readonly string[];
/** What policies see besides principal, action and resource; `approved` is added when they are asked. */
export type Context = Readonly<Record<string, FactValue>>;

/** One thing that is put to the policies: may this action be done on this place? */
export interface Question {
  /** With its namespace, where it has one: `update`, `Echo::shout`. */
  readonly action: string;
  readonly place: Place;
  readonly context: Context;
  /** What it asks, for people: `UPDATE on shop.orders`. */
  readonly inWords: () => string;
}

/** What one operation, or one request for a grant, asks of the policies: the strictest answer counts. */
export interface PolicyCase extends PolicySubject {
  readonly questions: readonly Question[];
  /** Sentences about the operation that say why it is not simply let through. */
  readonly reasons: () => readonly string[];
}

/** The target as policies see it. */
export function targetPlace({ name, flavour }: PolicySubject['target']): Place {
  return { type: 'Target', id: name, attributes: { name, flavour }, above: null };
}
