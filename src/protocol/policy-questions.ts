import type { ProtocolValue } from '../domain/protocol-value.js';
import type { TargetReport } from '../domain/target.js';
import type { PolicySubject } from '../domain/verdict.js';
import type { PolicySet } from '../policy/policy-set.js';
import type { PolicyCase } from '../policy/vocabulary.js';
import type { RequestPath } from './request-value.js';

/** Whose access is looked at, by which policies. */
export interface AccessScene {
  readonly policies: PolicySet;
  readonly subject: PolicySubject;
  readonly access: readonly ProtocolValue[];
}

/** What of a grant's operations runs at once and what waits, as the policies stand. */
export interface Outlook {
  /** In plain words, a sentence for each kind. */
  readonly words: string;
  readonly access: readonly ProtocolValue[];
  /** Some operations may have to wait for people. */
  readonly mayWait: boolean;
  /** The shortest time that people have for an operation that waits; null when none does. */
  readonly holdSeconds: number | null;
}

/** An operation that is only tried: nothing is sent to a target. */
export interface TriedOperation {
  readonly asked: PolicyCase;
  readonly facts: ProtocolValue;
}

/** What is known of the target of an operation that is tried. */
export interface TrialTarget {
  readonly report: TargetReport & ProtocolValue;
  readonly defaultDatabase: string | null;
}

/** What is kept of an operation that a client sent: enough to put it to policies again. */
export interface KeptOperation {
  /** Whole, as it was sent. */
  readonly text: string;
  readonly database: string | null;
  readonly inTransaction: boolean;
}

/** How a protocol puts grants and operations to the policies. */
export interface PolicyQuestions {
  /** What a request for a grant asks of them. */
  grantCase(subject: PolicySubject, asked: { access: readonly ProtocolValue[]; ttlSeconds: number }): PolicyCase;
  /** What of the access could stand for the whole grant, before anybody has looked at the target. */
  standing(scene: AccessScene): readonly ProtocolValue[];
  outlook(scene: AccessScene): Outlook;
  /** What was understood of an operation, in a few words: `create table (ddl)`. */
  factsInWords(facts: ProtocolValue): string;
  /** @throws BrokerError `request_invalid` by `at` */
  trial(asked: ProtocolValue, target: TrialTarget, subject: PolicySubject, at: RequestPath): TriedOperation;
  /** Puts an operation to them that was sent before; absent: a recording has too little of those of the protocol. */
  again?(kept: KeptOperation, target: TrialTarget, subject: PolicySubject): TriedOperation;
}
