import type { AffectedPreview } from '../domain/approval.js';
import type { Digest, Headline } from '../domain/headline.js';
import type { ProtocolValue } from '../domain/protocol-value.js';

/** An operation as people are asked about it. */
export interface AskedOperationView {
  /** Exactly as it was sent. */
  readonly text: string;
  /** The same with every hidden character written out. */
  readonly shown: string;
}

/** What a text has that an earlier one had not, and the other way round; hidden characters are written out. */
export interface DifferencePart {
  readonly kind: 'same' | 'removed' | 'added';
  readonly shown: string;
}

/** An operation that people are asked about, as far as somebody may see it. */
export interface AskedParts {
  /** What it is, in a word or two, and what policies call it. */
  readonly kind: string;
  readonly action: string;
  /** Has the excerpt's fields. */
  readonly summary: ProtocolValue;
  /** Has the body's fields; null where only the short form is told. */
  readonly question: ProtocolValue | null;
  /** Has the preview's fields; null where it is not there, or not for this viewer. */
  readonly preview: ProtocolValue | null;
  /** As the preview has it, or the summary where there is no more; null where it is not there, or not for this viewer. */
  readonly affected: AffectedPreview | null;
}

/** An operation as it is shown, as far as somebody may see it: what `operation` and `preview` gave. */
export interface ShownParts {
  readonly kind: string;
  readonly operation: (AskedOperationView & ProtocolValue) | null;
  readonly preview: ProtocolValue | null;
}

/**
 * How a protocol shows to people what it asked them, from what the state database has of it. Whatever others wrote is
 * shown with its hidden characters written out. What was stored by an earlier version is shown, too.
 */
export interface ApprovalViews {
  /** What a list says of an operation besides its kind, action and text. `summary` has the excerpt's fields. */
  excerpt(summary: ProtocolValue): ProtocolValue;
  /** All of an operation. `question` has the body's fields. */
  operation(question: ProtocolValue): AskedOperationView & ProtocolValue;
  /** What a preview says besides when it was taken and how many rows are affected. */
  preview(preview: ProtocolValue): ProtocolValue;
  /** The broker's sentence about it; `target` names the target, for what has no other place. */
  headline(asked: AskedParts, target: string): Headline;
  /** What is told of it besides its text. */
  digest(shown: ShownParts): Digest;
  /** Whether two operations are of one kind and about the same thing first. Both have the excerpt's fields. */
  isAlike(summary: ProtocolValue, other: ProtocolValue): boolean;
  /** How an operation differs from an earlier one; null where they differ too much. Both have the body's fields. */
  difference(question: ProtocolValue, earlier: ProtocolValue): readonly DifferencePart[] | null;
  /** What operations of its shape have in common, as people are shown it; null where that is not known. */
  shape(question: ProtocolValue): string | null;
  /** Why an approval of this operation can carry no row limit, in a sentence; null when it can. */
  whyNoRowLimit(summary: ProtocolValue): string | null;
}
